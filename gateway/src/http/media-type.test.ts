import { expect, it } from 'vitest';

import {
  acceptableIncrementalSpec,
  acceptableMediaType,
  acceptableStream,
  prefersHtml,
} from './media-type.ts';

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

it.each([
  // Apollo Client with each of its handlers; GraphiQL; urql.
  [`multipart/mixed;deferSpec=20220824,${modern},${old};q=0.9`, 'deferSpec=20220824'],
  [`multipart/mixed;incrementalSpec=v0.2,${modern},${old};q=0.9`, 'incrementalSpec=v0.2'],
  [`${modern}, ${old}, multipart/mixed`, 'deferSpec=20220824'],
  [`multipart/mixed; boundary="-"; deferSpec="20220824"`, 'deferSpec=20220824'],
  ['multipart/mixed;q=0.1;incrementalSpec=v0.2, multipart/mixed;deferSpec=20220824', 'deferSpec=20220824'],
  ['multipart/mixed;deferSpec=20991231, multipart/mixed;incrementalSpec=v0.2', 'incrementalSpec=v0.2'],
  // For subscriptions: nothing is said about parts of an answer.
  ['multipart/mixed;subscriptionSpec=1.0, application/json', undefined],
  ['multipart/mixed;deferSpec=20991231', undefined],
  ['multipart/mixed;deferSpec=20220824;q=0', undefined],
  ['multipart/*', undefined],
  ['*/*', undefined],
  [undefined, undefined],
])('answers Accept: %s in parts by %s', (accept, expected) => {
  expect(acceptableIncrementalSpec(accept)).toBe(expected);
});

it.each([
  [undefined, undefined],
  ['*/*', undefined],
  ['multipart/mixed', undefined],
  ['text/event-stream', 'sse'],
  ['application/json, text/event-stream, multipart/mixed', 'sse'],
  ['text/event-stream;q=0', undefined],
  ['multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json;q=0.9', 'multipart'],
  ['multipart/mixed;boundary="graphql";subscriptionSpec="1.0"', 'multipart'],
])('streams to a client that accepts %s: %s', (accept, kind) => {
  expect(acceptableStream(accept)).toBe(kind);
});
