import type { IncomingMessage } from 'node:http';

import { parseRequestParams, type RequestParams } from 'graphql-http';

import { toError } from '@tributary/errors';

import { BadRequest } from '../errors/gateway-errors.ts';
import { refuseCrossSite } from '../http/csrf.ts';
import { pickForwarded } from '../http/forwarded-headers.ts';
import { readBody, type BodyLimits } from '../http/read-body.ts';
import type { Accepted, Exchange, GraphQLParams, Stage } from './stages.ts';

export interface AcceptOptions extends BodyLimits {
  /** Headers of the client that go on to subgraphs, in lower case. @default none */
  readonly forwardedHeaders?: readonly string[];
}

/**
 * Takes the GraphQL parameters out of an HTTP request.
 *
 * @throws {CodedError} BAD_REQUEST, CSRF_PREVENTED or REQUEST_TOO_LARGE, with the status in `extensions.http`
 */
export const accept =
  (options: AcceptOptions): Stage<Exchange, Accepted> =>
  async (exchange) => {
    const { request } = exchange;
    if (!exchange.mediaType && !exchange.incrementalSpec) throw notAcceptable();
    return {
      call: exchange,
      params: await (exchange.params ?? readGraphQLParams(request, options)),
      authorization: request.headers.authorization,
      source: request,
      forwardedHeaders: pickForwarded(request.headers, options.forwardedHeaders),
      isReadOnly: request.method === 'GET',
    };
  };

/**
 * The parameters of an HTTP request, however it is to be answered.
 *
 * @throws {CodedError} BAD_REQUEST, CSRF_PREVENTED or REQUEST_TOO_LARGE, with the status in `extensions.http`
 */
export async function readGraphQLParams(
  request: IncomingMessage,
  limits: BodyLimits,
): Promise<GraphQLParams> {
  refuseCrossSite(request.headers);
  const body = request.method === 'POST' && isJson(request.headers) ? await readBody(request, limits) : null;
  return readPlainParams(request.headers['content-type'], body) ?? (await readParams(request, body));
}

const notAcceptable = () =>
  new BadRequest(
    'Expected to be allowed to answer with application/graphql-response+json or application/json, ' +
      'but the Accept header allows neither',
  ).with({ extensions: { http: { status: 406 } } });

// Any other type is refused by its name alone: no need to wait for the body.
const isJson = ({ 'content-type': contentType = '' }: Exchange['request']['headers']): boolean =>
  contentType === 'application/json' || contentType.toLowerCase().startsWith('application/json');

/**
 * The parameters of a body as nearly all clients send it; `undefined` for any other, and for one with a mistake in it:
 * what is to be said of those is known to {@link readParams}, which takes longer.
 */
function readPlainParams(contentType: string | undefined, body: string | null): GraphQLParams | undefined {
  if (body === null || body === '' || contentType !== 'application/json') return undefined;
  let params: unknown;
  try {
    params = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (!isObject(params)) return undefined;
  const { query, operationName, variables, extensions } = params;
  if (typeof query !== 'string') return undefined;
  if (operationName != null && typeof operationName !== 'string') return undefined;
  if ((variables != null && !isObject(variables)) || (extensions != null && !isObject(extensions)))
    return undefined;
  return { query, operationName, variables: variables ?? {}, extensions: extensions ?? {} };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

async function readParams(request: IncomingMessage, body: string | null): Promise<GraphQLParams> {
  if (body !== null && /^\s*\[/.test(body)) {
    throw new BadRequest('Expected one operation as a JSON object, but got a list: send them one by one');
  }
  const parsed = await parseRequestParams({
    method: request.method ?? '',
    url: request.url ?? '',
    headers: request.headers,
    body,
    raw: request,
    context: undefined,
  }).catch((error: unknown) => {
    throw explain(toError(error), request.method);
  });
  // graphql-http answers a wrong method or content type with a pair of body and status.
  if (Array.isArray(parsed)) throw explainStatus((parsed as { 1: { status: number } })[1].status, request);
  const { query, operationName, variables, extensions } = parsed as RequestParams;
  return { query, operationName, variables: variables ?? {}, extensions: extensions ?? {} };
}

const explanations: Record<string, string> = {
  'Missing body': 'Expected a JSON object with "query" as the body, but got no body',
  'Unparsable JSON body': 'Expected a JSON object as the body, but got something that is not JSON',
  'JSON body must be an object': 'Expected a JSON object as the body, but got another JSON value',
  'Unparsable URL': 'Expected "variables" and "extensions" of the URL to be JSON, but one of them is not',
  'Missing query': 'Expected "query" to be a GraphQL document, but there is none',
  'Invalid query': 'Expected "query" to be a string, but got something else',
  'Invalid variables': 'Expected "variables" to be an object, but got something else',
  'Invalid operationName': 'Expected "operationName" to be a string, but got something else',
  'Invalid extensions': 'Expected "extensions" to be an object, but got something else',
};

const explain = (error: Error, method: string | undefined) => {
  const hint = method === 'GET' && error.message === 'Missing query' ? ' in the URL' : '';
  return new BadRequest(`${explanations[error.message] ?? error.message}${hint}`);
};

function explainStatus(status: number, { method, headers }: Exchange['request']) {
  if (status === 405) {
    return new BadRequest(`Expected GET or POST, but got ${method}`).with({
      extensions: { http: { status, headers: { allow: 'GET, POST, OPTIONS' } } },
    });
  }
  return new BadRequest(
    `Expected Content-Type: application/json in UTF-8, but got ${headers['content-type'] ?? 'none'}`,
  ).with({ extensions: { http: { status } } });
}
