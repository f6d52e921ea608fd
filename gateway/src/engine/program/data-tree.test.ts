import { describe, expect, it } from 'vitest';

import { compileMerge } from './data-tree.ts';

const isObjectType = (typename: unknown) => typename === 'Book';

const merge = (
  target: Record<string, unknown>,
  source: Record<string, unknown>,
  keys = Object.keys(source),
) => {
  compileMerge(keys, isObjectType)(target, source);
  return target;
};

describe('compileMerge', () => {
  it('copies what was asked for and nothing else', () => {
    const sent = JSON.parse('{"a":1,"b":2,"__proto__":{"c":3}}') as Record<string, unknown>;
    expect(merge({}, sent, ['a', 'missing'])).toEqual({ a: 1 });
  });

  it('joins objects and lists that both have', () => {
    expect(merge({ a: { b: 1 }, l: [{ b: 1 }, null] }, { a: { c: 2 }, l: [{ c: 2 }, { c: 3 }] })).toEqual({
      a: { b: 1, c: 2 },
      l: [{ b: 1, c: 2 }, { c: 3 }],
    });
  });

  it('never lets a null take the place of a value', () => {
    expect(merge({ a: 1, o: { b: 1 } }, { a: null, o: null })).toEqual({ a: 1, o: { b: 1 } });
    expect(merge({ a: null }, { a: 1 })).toEqual({ a: 1 });
  });

  it('puts the name of an object type in the place of an interface, and never the other way round', () => {
    expect(merge({ __typename: 'Media' }, { __typename: 'Book' })).toEqual({ __typename: 'Book' });
    expect(merge({ __typename: 'Book' }, { __typename: 'Media' })).toEqual({ __typename: 'Book' });
  });

  it('does not change what every object inherits', () => {
    const sent = JSON.parse('{"a":{"__proto__":{"polluted":true}}}') as Record<string, unknown>;
    const tree = merge({ a: {} }, sent);
    expect((tree['a'] as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
