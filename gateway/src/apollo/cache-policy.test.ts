import { expect, it } from 'vitest';

import { cacheHintOf } from './cache-policy.ts';

it.each([
  [undefined, { maxAge: 0 }],
  ['', { maxAge: 0 }],
  ['max-age=60', { maxAge: 60 }],
  ['Max-Age="60" , Public', { maxAge: 60, scope: 'PUBLIC' }],
  ['private, max-age=5', { maxAge: 5, scope: 'PRIVATE' }],
  ['no-store', { maxAge: 0 }],
  ['no-cache, max-age=5', { maxAge: 0 }],
  ['max-age=soon', { maxAge: 0 }],
])('reads %j', (header, hint) => {
  expect(cacheHintOf(header)).toEqual(hint);
});
