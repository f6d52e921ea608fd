import { describe, expect, it } from 'vitest';

import { compareDegraded } from './compare-degraded.ts';

const whole = { data: { a: { b: 1, c: [{ d: 2 }] } } };

describe('an answer of a system that is partly down', () => {
  it('may lack what an error explains, at the place, beneath it or above it', () => {
    expect(compareDegraded({ data: { a: null }, errors: [{ path: ['a', 'b'] }] }, whole)).toEqual([]);
    const inside = { data: { a: { b: 1, c: [{ d: null }] } } };
    expect(compareDegraded({ ...inside, errors: [{ path: ['a', 'c', 0, 'd'] }] }, whole)).toEqual([]);
    expect(compareDegraded({ ...inside, errors: [{ path: ['a', 'c'] }] }, whole)).toEqual([]);
  });

  it('must not lack anything without a word', () => {
    const [difference] = compareDegraded({ data: { a: null }, errors: [{ path: ['x'] }] }, whole);
    expect(difference).toMatchObject({ kind: 'errors', path: ['a'] });
    expect(compareDegraded({ data: { a: null } }, whole, { mayLoseSilently: true })).toEqual([]);
  });

  it('must be right in what is there, and in its order', () => {
    const wrong = { data: { a: { b: 2, c: [{ d: 2 }] } } };
    expect(compareDegraded(wrong, whole)).toMatchObject([{ kind: 'data', path: ['a', 'b'] }]);
    const turned = { data: { a: { c: [{ d: 2 }], b: 1 } } };
    expect(compareDegraded(turned, whole)).toMatchObject([{ kind: 'order', path: ['a'] }]);
    expect(compareDegraded(wrong, whole, { mayLoseSilently: true })).toHaveLength(1);
  });
});
