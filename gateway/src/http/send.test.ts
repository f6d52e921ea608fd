import { expect, it } from 'vitest';

import { acceptableEncoding } from './send.ts';

it.each([
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip', 'gzip'],
  ['br;q=0, gzip', 'gzip'],
  ['br; q=0.0, GZIP;q=0.5', 'gzip'],
  ['identity', undefined],
  ['', undefined],
  [undefined, undefined],
])('answers Accept-Encoding: %s with %s', (header, expected) => {
  expect(acceptableEncoding(header)).toBe(expected);
});
