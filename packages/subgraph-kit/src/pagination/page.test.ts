import { describe, expect, it } from 'vitest';

import { toConnection } from './connection.ts';
import { encodeCursor } from './cursor.ts';
import { readPage } from './page.ts';

describe('readPage', () => {
  const place = { at: new Date(0), id: '7' };

  it.each([
    [{}, { first: 20 }],
    [{ first: null, after: null }, { first: 20 }],
    [{ first: 1 }, { first: 1 }],
    [{ first: 100 }, { first: 100 }],
    [
      { first: 5, after: encodeCursor(place) },
      { first: 5, after: place },
    ],
  ])('reads %j', (args, page) => {
    expect(readPage(args, 20)).toEqual(page);
  });

  it.each([0, -1, 101, 1.5, Number.NaN])('refuses a page of %d', (first) => {
    expect(() => readPage({ first }, 20)).toThrow(
      expect.objectContaining({
        code: 'BAD_USER_INPUT',
        message: `Argument "first" must be from 1 to 100, but got ${first}`,
      }),
    );
  });

  it('refuses a cursor that no list gave', () => {
    expect(() => readPage({ after: 'abc' }, 20)).toThrow(
      'Argument "after" must be a cursor that this list gave',
    );
  });
});

describe('toConnection', () => {
  const connect = (rows: readonly string[], page: { first: number; after?: unknown }) =>
    toConnection(rows, page, (row) => `at ${row}`);

  it('shows the page and tells by the row beyond it that there is more', () => {
    expect(connect(['a', 'b', 'c'], { first: 2 })).toEqual({
      edges: [
        { node: 'a', cursor: 'at a' },
        { node: 'b', cursor: 'at b' },
      ],
      pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: 'at a', endCursor: 'at b' },
    });
  });

  it('ends with the last row', () => {
    expect(connect(['a', 'b'], { first: 2, after: {} }).pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: true,
      startCursor: 'at a',
      endCursor: 'at b',
    });
  });

  it.each([undefined, {}])('has no cursors when it is empty', (after) => {
    expect(connect([], { first: 2, after })).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });
});
