import { describe, expect, it } from 'vitest';

import { alternate, medianOf, mediansOf } from './rounds.ts';

describe('alternate', () => {
  it('measures A B C A B C and keeps what belongs to each', async () => {
    const order: string[] = [];
    const measured = await alternate(['a', 'b'], 2, (candidate, round) => {
      order.push(candidate);
      return Promise.resolve(`${candidate}${round}`);
    });
    expect(order).toEqual(['a', 'b', 'a', 'b']);
    expect([...measured]).toEqual([
      ['a', ['a0', 'a1']],
      ['b', ['b0', 'b1']],
    ]);
  });
});

describe('medianOf', () => {
  it('takes the middle one, or the mean of the two in the middle', () => {
    expect(medianOf([9, 1, 5])).toBe(5);
    expect(medianOf([9, 1, 5, 3])).toBe(4);
  });

  it('refuses to invent a value', () => {
    expect(() => medianOf([])).toThrow('Expected at least one value');
  });
});

it('takes the median of each figure by itself', () => {
  const rounds = [
    { rps: 1, rss: 30 },
    { rps: 2, rss: 10 },
    { rps: 3, rss: 20 },
  ];
  expect(mediansOf(rounds, ['rps', 'rss'])).toEqual({ rps: 2, rss: 20 });
});
