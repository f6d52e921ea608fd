import type { IncomingHttpHeaders } from 'node:http';

import { HeaderMap, type HTTPGraphQLRequest, type HTTPGraphQLResponse } from '@apollo/server';

/** One GraphQL request as it came over HTTP. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query string. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Of a POST: read from JSON, whatever it is. */
  readonly body: unknown;
}

export type HttpAnswer = HTTPGraphQLResponse;

const json = 'application/json; charset=utf-8';
const graphqlJson = 'application/graphql-response+json; charset=utf-8';

/** What gateways ask for, and what they get: anything else is Apollo Server's to negotiate, anew each time. */
const contentTypes: ReadonlyMap<string | undefined, string> = new Map([
  [undefined, json],
  ['*/*', json],
  ['application/json', json],
  ['application/graphql-response+json, application/json;q=0.9', graphqlJson],
  ['application/graphql-response+json, application/json', graphqlJson],
]);

/** A body that was read as JSON cannot have come from a page of another origin unasked, which this header says. */
const ofJsonBody = new HeaderMap([['apollo-require-preflight', 'true']]);

const isUsual = ({ method, headers }: HttpRequest): boolean =>
  method === 'POST' && contentTypes.has(headers.accept);

/** What Apollo Server reads of a request: for those that gateways send, nothing is left to be found out. */
export function toApolloRequest(request: HttpRequest): HTTPGraphQLRequest {
  const { method, url, headers, body } = request;
  if (isUsual(request)) return { method, headers: ofJsonBody, search: '', body };
  const { search } = new URL(url, 'http://localhost');
  return { method, headers: new HeaderMap(singleHeaders(headers)), search, body };
}

/** Says what the answer is, where Apollo Server was not told what is wanted. */
export function withContentType(answer: HttpAnswer, request: HttpRequest): HttpAnswer {
  if (isUsual(request)) answer.headers.set('content-type', contentTypes.get(request.headers.accept) ?? json);
  return answer;
}

function* singleHeaders(headers: IncomingHttpHeaders): Iterable<[string, string]> {
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) yield [name, Array.isArray(value) ? value.join(', ') : value];
  }
}
