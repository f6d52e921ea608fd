import { describe, expect, it } from 'vitest';

import { groupByKey, inKeyOrder } from './in-key-order.ts';

describe('inKeyOrder', () => {
  const idOf = ({ id }: { id: string }) => id;

  it('puts rows in the order of the keys', () => {
    const rows = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
    expect(inKeyOrder(['c', 'a', 'b'], rows, idOf)).toEqual([{ id: 'c' }, { id: 'a' }, { id: 'b' }]);
  });

  it('gives null for a key without a row', () => {
    expect(inKeyOrder(['b', 'a'], [{ id: 'a' }], idOf)).toEqual([null, { id: 'a' }]);
    expect(inKeyOrder(['a', 'b'], [], idOf)).toEqual([null, null]);
  });

  it('gives a key that came twice its row twice', () => {
    expect(inKeyOrder(['a', 'a'], [{ id: 'a' }], idOf)).toEqual([{ id: 'a' }, { id: 'a' }]);
  });

  it('refuses a row that nobody asked for', () => {
    expect(() => inKeyOrder(['a', 'b'], [{ id: 'a' }, { id: 'x' }], idOf)).toThrow(
      new TypeError('Expected rows for the 2 keys asked for, but got one for x'),
    );
  });

  it('refuses two rows for one key', () => {
    expect(() => inKeyOrder(['a'], [{ id: 'a' }, { id: 'a' }], idOf)).toThrow(
      new TypeError('Expected one row for key a, but got several'),
    );
  });
});

describe('groupByKey', () => {
  const authorOf = ({ author }: { author: string }) => author;

  it('groups rows in the order of the keys and keeps their order inside', () => {
    const rows = [
      { author: 'a', n: 1 },
      { author: 'b', n: 2 },
      { author: 'a', n: 3 },
    ];
    expect(groupByKey(['b', 'a'], rows, authorOf)).toEqual([
      [{ author: 'b', n: 2 }],
      [
        { author: 'a', n: 1 },
        { author: 'a', n: 3 },
      ],
    ]);
  });

  it('gives an empty list for a key without rows', () => {
    expect(groupByKey(['b', 'a'], [{ author: 'a' }], authorOf)).toEqual([[], [{ author: 'a' }]]);
  });

  it('refuses a row that nobody asked for', () => {
    expect(() => groupByKey(['a'], [{ author: 'x' }], authorOf)).toThrow(
      new TypeError('Expected rows for the 1 keys asked for, but got one for x'),
    );
  });
});
