import { assert, date, property, string } from 'fast-check';
import { expect, it } from 'vitest';

import { decodeCursor, encodeCursor } from './cursor.ts';

it('comes back as it was, whatever the place', () => {
  const at = date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  });
  const id = string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\0'));
  assert(
    property(at, id, (time, text) => {
      expect(decodeCursor(encodeCursor({ at: time, id: text }))).toEqual({ at: time, id: text });
    }),
  );
});

it('keeps milliseconds', () => {
  const cursor = { at: new Date('2026-01-31T09:30:00.123Z'), id: '1' };
  expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor);
});

it('can stand in a URL as it is', () => {
  expect(encodeCursor({ at: new Date(0), id: '?>~ÿ/+' })).toMatch(/^[\w-]+$/);
});

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const time = '2026-01-31T09:30:00.000Z';

it.each([
  ['nothing', ''],
  ['a text that no list gave', 'abc'],
  ['another encoding', 'not base64 ✓'],
  ['JSON of another form', encoded({ at: time, id: '1' })],
  ['a time that is none', encoded(['2026-02-30T00:00:00.000Z', '1'])],
  ['a time in a year that PostgreSQL does not know', encoded(['0000-01-01T00:00:00.000Z', '1'])],
  ['an empty id', encoded([time, ''])],
  ['an id that PostgreSQL cannot hold', encoded([time, 'a\0b'])],
  ['an id that is no text', encoded([time, 1])],
  ['more than a place', encoded([time, '1', '2'])],
])('refuses %s', (_what, cursor) => {
  expect(() => decodeCursor(cursor)).toThrow(
    expect.objectContaining({
      code: 'BAD_USER_INPUT',
      message: `Argument "after" must be a cursor that this list gave, but got "${cursor}"`,
    }),
  );
});

it('shows the beginning of what it refuses', () => {
  expect(() => decodeCursor('x'.repeat(5000))).toThrow(/but got "x{100}"$/);
});
