import { expect, it } from 'vitest';

import { acceptableMediaType, prefersHtml } from './media-type.ts';

const [old, modern] = ['application/json', 'application/graphql-response+json'] as const;

it.each([
  [undefined, old],
  ['*/*', old],
  ['application/*', old],
  [old, old],
  [modern, modern],
  [`${modern}, ${old};q=0.9`, modern],
  [`${old};q=0.5, ${modern}`, modern],
  [`${old}, ${modern}`, old],
  [`text/html, ${old};q=0.1`, old],
  [`${modern}; charset=utf-8`, modern],
  [`${modern}; charset=iso-8859-1`, undefined],
  [`${old};q=0`, undefined],
  ['text/html', undefined],
])('answers Accept: %s with %s', (accept, expected) => {
  expect(acceptableMediaType(accept)).toBe(expected);
});

it.each([
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
  ['application/json, text/html', false],
  ['application/json;q=0.5, text/html', true],
  ['*/*', false],
  [undefined, false],
])('takes Accept: %s for a browser that wants a page: %s', (accept, expected) => {
  expect(prefersHtml(accept)).toBe(expected);
});
