import type { IncomingMessage, ServerResponse } from 'node:http';

import { CodedError, errorKind, maskedMessage } from '@tributary/errors';
import { requestIdOf, runInRequest, type Logger, type StatementCount } from '@tributary/telemetry';

import {
  createContext,
  type ContextInput,
  type ContextParts,
  type ContextScope,
  type RequestContext,
} from '../context/create-context.ts';
import { identityHeader, type IdentityVerifier } from '../context/identity-verifier.ts';
import { clientIsGone, deadlineHasPassed, RequestEnded, untilAborted } from '../context/request-limits.ts';
import type { LoaderRegistry } from '../loaders/loader-registry.ts';
import type { ErrorReporter } from './error-reporter.ts';
import type { GraphQLServer } from './graphql-server.ts';
import { sendError } from './http-listener.ts';
import type { HttpAnswer } from './http-messages.ts';
import { readJsonBody, RequestRefused } from './read-body.ts';
import type { Route } from './subgraph-definition.ts';
import type { SubgraphMetrics } from './subgraph-metrics.ts';

/** As long as the gateway waits for its own clients. */
const bodyTimeoutMs = 10_000;

export interface GraphQLRouteOptions<Repositories, Loaders, Services> {
  /** Asked for each request: a development server may have another one after the schema was changed. */
  readonly server: () => GraphQLServer<RequestContext<Repositories, Loaders, Services>>;
  readonly parts: ContextParts<Repositories, Loaders, Services>;
  readonly contextInput: Pick<ContextInput, 'database' | 'loaderDefaults' | 'maxLoadedKeys'>;
  readonly verifyIdentity: IdentityVerifier;
  readonly maxBodyBytes: number;
  readonly requestTimeoutMs: number;
  /** Lets a caller ask with the header `tributary-debug` for the SQL and the loaders of its request. */
  readonly isDebuggable: boolean;
  readonly metrics: SubgraphMetrics;
  readonly logger: Logger;
  readonly errors: ErrorReporter;
}

/** Answers `/graphql`: one context for each request, ended with it. */
export function createGraphQLRoute<Repositories, Loaders, Services>(
  options: GraphQLRouteOptions<Repositories, Loaders, Services>,
): Route {
  return (request, response) => {
    const requestId = requestIdOf(request.headers['x-request-id']);
    const isDebugged = options.isDebuggable && request.headers['tributary-debug'] !== undefined;
    const statements: StatementCount = isDebugged ? { count: 0, texts: [] } : { count: 0 };
    return runInRequest({ requestId, statements }, async () => {
      try {
        await answer(options, request, response, { requestId, statements, isDebugged });
      } catch (error: unknown) {
        // Here, where the log line still knows its request.
        options.errors.report(error);
        sendFailure(response, error);
      }
    });
  };
}

/** What came to nothing before there was an answer, or while it was written: then the client must not take it for whole. */
function sendFailure(response: ServerResponse, error: unknown): void {
  if (response.destroyed) return;
  if (response.headersSent) {
    if (!response.writableEnded) response.destroy();
  } else if (error instanceof RequestEnded) {
    // An answer like any other: the gateway takes another status for a subgraph that is down, and may ask it again.
    sendError(response, 200, error);
  } else if (error instanceof CodedError && errorKind(error.code).class !== 'bug') {
    const status = statusOf(error);
    // What is still to come of the body would be read as the next request.
    if (status === 408) response.setHeader('connection', 'close');
    sendError(response, status, error);
  } else {
    sendError(response, 500, new CodedError('INTERNAL_SERVER_ERROR', maskedMessage));
  }
}

function statusOf(error: CodedError): number {
  if (error instanceof RequestRefused) return error.status;
  if (error.code === 'UNAUTHENTICATED') return 401;
  return errorKind(error.code).class === 'system' ? 503 : 400;
}

interface RequestFacts {
  readonly requestId: string;
  readonly statements: StatementCount;
  readonly isDebugged: boolean;
}

async function answer<Repositories, Loaders, Services>(
  options: GraphQLRouteOptions<Repositories, Loaders, Services>,
  request: IncomingMessage,
  response: ServerResponse,
  { requestId, statements, isDebugged }: RequestFacts,
): Promise<void> {
  const { server, parts, contextInput, verifyIdentity, maxBodyBytes, requestTimeoutMs } = options;
  const identity = request.headers[identityHeader];
  const principal = typeof identity === 'string' ? await verifyIdentity(identity) : undefined;
  const body =
    request.method === 'POST'
      ? await readJsonBody(request, { maxBytes: maxBodyBytes, timeoutMs: bodyTimeoutMs })
      : undefined;
  const startedAt = performance.now();
  const scope = createContext(parts, { ...contextInput, requestId, principal });
  abortWith(response, requestTimeoutMs, scope);
  const { context, registry, end } = scope;
  try {
    const { method = 'GET', url = '/', headers } = request;
    const execution = server().execute({ method, url, headers, body }, context);
    const result = await untilAborted(context.signal, execution);
    await write(
      response,
      result,
      isDebugged
        ? { statements: statements.texts, loaders: registry.stats(), durationMs: since(startedAt) }
        : undefined,
    );
  } finally {
    finish(options, {
      registry,
      durationMs: since(startedAt),
      statements,
      body,
      status: response.statusCode,
    });
    await end();
  }
}

const since = (startedAt: number): number => Math.round((performance.now() - startedAt) * 100) / 100;

interface FinishedRequest {
  readonly registry: LoaderRegistry;
  readonly durationMs: number;
  readonly statements: StatementCount;
  readonly body: unknown;
  readonly status: number;
}

function finish(
  { metrics, logger }: Pick<GraphQLRouteOptions<never, never, never>, 'metrics' | 'logger'>,
  { registry, durationMs, statements, body, status }: FinishedRequest,
): void {
  const loaders = registry.stats();
  metrics.onRequestEnd({ durationMs, loaders });
  const operationName = operationNameOf(body);
  logger.info(
    { event: 'graphql_request', operationName, status, durationMs, statements: statements.count },
    'request',
  );
}

/** The body is whatever the client has sent. */
function operationNameOf(body: unknown): string | null {
  const name: unknown = (body as { readonly operationName?: unknown } | null | undefined)?.operationName;
  return typeof name === 'string' ? name : null;
}

/** Gives a request up when the connection closes before the answer is written, or the answer takes too long. */
function abortWith(
  response: ServerResponse,
  timeoutMs: number,
  scope: Pick<ContextScope<unknown>, 'abort'>,
): void {
  const deadline = setTimeout(() => scope.abort(deadlineHasPassed(timeoutMs)), timeoutMs);
  response.once('close', () => {
    clearTimeout(deadline);
    if (!response.writableFinished) scope.abort(clientIsGone());
  });
}

async function write(response: ServerResponse, result: HttpAnswer, debug: object | undefined): Promise<void> {
  const { status = 200, headers, body } = result;
  if (body.kind === 'complete') {
    const text = debug ? withDebug(body.string, debug) : body.string;
    headers.set('content-length', String(Buffer.byteLength(text)));
    response.writeHead(status, Object.fromEntries(headers)).end(text);
    return;
  }
  response.writeHead(status, Object.fromEntries(headers));
  for await (const chunk of body.asyncIterator) response.write(chunk);
  response.end();
}

/** Puts the debug facts into the answer's extensions. */
function withDebug(text: string, debug: object): string {
  const answer = JSON.parse(text) as { extensions?: object };
  return JSON.stringify({ ...answer, extensions: { ...answer.extensions, debug } });
}
