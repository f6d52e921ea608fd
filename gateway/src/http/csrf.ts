import type { IncomingHttpHeaders } from 'node:http';

import { CsrfPrevented } from '../errors/gateway-errors.ts';

// A page of another origin cannot set these without a preflight, which CORS answers.
const preflightedHeaders = [
  'apollo-require-preflight',
  'x-apollo-operation-name',
  'graphql-require-preflight',
];
const simpleContentTypes = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];

/**
 * Refuses what a page of another site could make a browser send without asking first (docs/decisions/0005).
 *
 * @throws {CsrfPrevented}
 */
export function refuseCrossSite(headers: IncomingHttpHeaders): void {
  const site = headers['sec-fetch-site'];
  if (site !== 'cross-site' && site !== 'same-site') return;
  if (isPreflighted(headers)) return;
  throw new CsrfPrevented(site);
}

function isPreflighted(headers: IncomingHttpHeaders): boolean {
  const contentType = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (contentType && !simpleContentTypes.includes(contentType)) return true;
  return preflightedHeaders.some((name) => headers[name] !== undefined);
}
