import type { IncomingMessage, ServerResponse } from 'node:http';

import { HeaderMap, type ApolloServer, type BaseContext, type HTTPGraphQLResponse } from '@apollo/server';
import { CodedError, toError } from '@tributary/errors';

import { BadRequest } from '../errors/gateway-errors.ts';
import { statusOfRefusal } from '../http/http-status.ts';
import { readBody, type BodyLimits } from '../http/read-body.ts';
import { send } from '../http/send.ts';
import { sendJson } from '../server.ts';

/** What a context is made of. */
export interface HttpCall {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Aborted when the client is gone; `identify` may hand it on. Made when it is asked for. */
  readonly signal: AbortSignal;
}

export type MakeContext<Context> = (call: HttpCall) => Context | Promise<Context>;

/** Answers one GraphQL request over HTTP. */
export async function serveHttp<Context extends BaseContext>(
  server: ApolloServer<Context>,
  request: IncomingMessage,
  response: ServerResponse,
  { context, ...limits }: BodyLimits & { readonly context: MakeContext<Context> },
): Promise<void> {
  let body: unknown;
  try {
    body = request.method === 'POST' ? await readJson(request, limits) : undefined;
  } catch (error: unknown) {
    refuse(response, toError(error));
    return;
  }
  const answer = await server.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: request.method ?? 'GET',
      headers: toHeaderMap(request),
      search: searchOf(request.url ?? ''),
      body,
    },
    context: async () => context(callOf(request, response)),
  });
  await write(request, response, answer);
}

async function readJson(request: IncomingMessage, limits: BodyLimits): Promise<unknown> {
  // Apollo Server says what is wrong with a body of another type, or with none.
  if (!(request.headers['content-type'] ?? '').toLowerCase().startsWith('application/json')) return undefined;
  const text = await readBody(request, limits);
  try {
    return JSON.parse(text) as unknown;
  } catch (error: unknown) {
    throw new BadRequest('Expected JSON as the body, but got something else').with({ cause: error });
  }
}

function refuse(response: ServerResponse, error: Error): void {
  if (!(error instanceof CodedError)) throw error;
  const { http: _, ...extensions } = error.extensions;
  const status = statusOfRefusal(error.code, error, 'application/json');
  response.setHeader('connection', 'close');
  sendJson(response, status, { errors: [{ message: error.message, extensions }] });
}

function toHeaderMap({ headers }: IncomingMessage): HeaderMap {
  const map = new HeaderMap();
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) map.set(name, typeof value === 'string' ? value : value.join(', '));
  }
  return map;
}

function searchOf(url: string): string {
  const start = url.indexOf('?');
  return start < 0 ? '' : url.slice(start);
}

function callOf(req: IncomingMessage, res: ServerResponse): HttpCall {
  let signal: AbortSignal | undefined;
  return {
    req,
    res,
    get signal() {
      return (signal ??= whenGone(res));
    },
  };
}

function whenGone(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  // Also emitted after the answer, when nobody listens to the signal any more.
  response.once('close', () => controller.abort(new Error('The client is gone')));
  return controller.signal;
}

async function write(
  request: IncomingMessage,
  response: ServerResponse,
  { status = 200, headers, body }: HTTPGraphQLResponse,
): Promise<void> {
  if (body.kind === 'complete') {
    await send(request, response, { status, headers: Object.fromEntries(headers), body: body.string });
    return;
  }
  response.writeHead(status, Object.fromEntries(headers));
  for await (const chunk of body.asyncIterator) response.write(chunk);
  response.end();
}
