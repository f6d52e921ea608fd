import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decodeCursor, encodeCursor } from './cursor.ts';
import { InvalidCursor } from './event-log-errors.ts';

const encode = (text: string): string => `1${Buffer.from(text, 'latin1').toString('base64url')}`;

const readOrRefuse = (text: string): unknown => {
  try {
    return decodeCursor(text);
  } catch (error: unknown) {
    return error;
  }
};

describe('a cursor', () => {
  it('comes back as it was written, but for partitions that nothing was seen of', () => {
    const cursor = new Map([
      ['posts.0', 12],
      ['posts.3', Number.MAX_SAFE_INTEGER],
      ['users.0', 0],
      ['comments-2_x.10', 1],
    ]);
    const seen = [...cursor].filter(([, seq]) => seq > 0);
    expect(new Map(decodeCursor(encodeCursor(cursor)))).toEqual(new Map(seen));
    expect(decodeCursor(encodeCursor(new Map()))).toEqual(new Map());
  });

  it('comes back whatever is in it', () => {
    const partition = fc.tuple(fc.constantFrom('a', 'posts', 'x_-9'), fc.nat(20));
    const cursors = fc.array(fc.tuple(partition, fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })));
    fc.assert(
      fc.property(cursors, (entries) => {
        const cursor = new Map(entries.map(([[source, index], seq]) => [`${source}.${index}`, seq]));
        const text = encodeCursor(cursor);
        expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(decodeCursor(text)).toEqual(cursor);
      }),
    );
  });

  it('is short', () => {
    const cursor = new Map(
      ['posts', 'users', 'comments'].flatMap((source) =>
        [0, 1, 2, 3].map((index) => [`${source}.${index}`, 1_000_000 + index]),
      ),
    );
    expect(encodeCursor(cursor).length).toBeLessThan(120);
  });

  it.each([
    ['', 'nothing'],
    ['2', 'another version'],
    ['1=', 'another alphabet'],
    [encode('posts'), 'no numbers'],
    [encode('posts:1,posts:2'), 'a source twice'],
    [encode('posts:01'), 'a number in two ways'],
    [encode('posts:zzzzzzzzzzzz'), 'a number that is too large'],
    [encode('posts:-1'), 'a number below 0'],
    [encode(`posts:${'.'.repeat(1000)}1`), 'too many partitions'],
    [encode('p{}sts:1'), 'no name of a source'],
    [encode(',posts:1'), 'no source'],
    [`1${'A'.repeat(5000)}`, 'too long a text'],
  ])('is not read from %j: %s', (text) => {
    expect(() => decodeCursor(text)).toThrow(InvalidCursor);
  });

  it('is never read from text that somebody made up without saying so', () => {
    const isReadOrRefused = (text: string): boolean => {
      const read = readOrRefuse(text);
      return read instanceof InvalidCursor || read instanceof Map;
    };
    const made = fc.property(fc.string(), (text) => isReadOrRefused(text) && isReadOrRefused(encode(text)));
    expect(() => fc.assert(made)).not.toThrow();
  });

  it('is not written when no client should carry it', () => {
    const cursor = new Map(Array.from({ length: 900 }, (_, index) => [`posts.${index}`, 2 ** 50]));
    expect(() => encodeCursor(cursor)).toThrow(InvalidCursor);
  });
});
