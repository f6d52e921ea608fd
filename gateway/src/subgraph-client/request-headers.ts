import type { FetchContext } from './subgraph-request.ts';

const fixed = [
  'content-type',
  'application/json',
  'accept',
  'application/graphql-response+json, application/json;q=0.9',
] as const;

/** The headers of a fetch as undici takes them fastest: name, value, name, value. */
export function requestHeaders(
  { requestId, traceparent, headers }: FetchContext,
  identity: string | undefined,
  acceptEncoding: string,
): string[] {
  const list: string[] = [...fixed, 'x-request-id', requestId];
  if (traceparent !== undefined) list.push('traceparent', traceparent);
  if (identity !== undefined) list.push('tributary-identity', identity);
  if (acceptEncoding !== '') list.push('accept-encoding', acceptEncoding);
  if (headers) for (const [name, value] of Object.entries(headers)) list.push(name, value);
  return list;
}

/** What the forwarded headers and the occasion add to the key of sharing. */
export function headersKey({ headers, occasion }: FetchContext): string {
  const key = headers ? JSON.stringify(headers) : '';
  return occasion === undefined ? key : `${JSON.stringify(occasion)}${key}`;
}
