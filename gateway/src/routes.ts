import type { ErrorTracker } from '@tributary/errors';

import { Cancellation } from './cancellation.ts';
import { Cleanup } from './cleanup.ts';
import type { GraphiQLPage } from './console/graphiql.ts';
import { RequestDebug } from './debug/request-debug.ts';
import { RequestTimeout } from './errors/gateway-errors.ts';
import type { SubgraphHealth } from './health/start-subgraph-health.ts';
import type { Cors } from './http/cors.ts';
import { acceptableIncrementalSpec, acceptableMediaType, prefersHtml } from './http/media-type.ts';
import { traceparentOf } from './http/traceparent.ts';
import type { RequestObserver } from './observers/access-log.ts';
import type { GatewayMetrics } from './observers/gateway-metrics.ts';
import type { Pipeline } from './pipeline/pipeline.ts';
import type { Exchange } from './pipeline/stages.ts';
import { sendJson, type Route } from './server.ts';
import type { StreamRoute } from './subscriptions/transports/create-stream-route.ts';
import type { RunningSupergraph } from './supergraph/start-supergraph.ts';

export interface GraphQLRouteOptions {
  readonly pipeline: Pipeline;
  readonly cors: Cors;
  /** `undefined` where GraphiQL is off. */
  readonly graphiql: GraphiQLPage | undefined;
  /** Answers by streams where clients ask for them. @default nobody gets one */
  readonly streams?: StreamRoute;
  readonly observers: readonly RequestObserver[];
  readonly requestTimeoutMs: number;
  /** Answers the header `tributary-debug` with how an answer came about. */
  readonly isDevelopment: boolean;
}

/** The endpoint: preflights and GraphiQL are answered at the door, everything else goes through the pipeline. */
export const createGraphQLRoute =
  ({
    pipeline,
    cors,
    graphiql,
    streams,
    observers,
    requestTimeoutMs,
    isDevelopment,
  }: GraphQLRouteOptions): Route =>
  async (request, response, requestId) => {
    cors.allow(request, response);
    if (cors.answerPreflight(request, response)) return;
    if (graphiql && request.method === 'GET' && prefersHtml(request.headers.accept)) {
      await graphiql(request, response);
      return;
    }
    const startedAt = performance.now();
    const streaming = streams?.(request, response, requestId);
    const streamed = streaming && (await streaming);
    if (streamed === 'answered') return;
    const params = streamed?.params;
    const exchange = openExchange(request, response, { requestId, requestTimeoutMs, isDevelopment, params });
    try {
      const outcome = await pipeline(exchange);
      const durationMs = performance.now() - startedAt;
      const observed = { ...outcome, durationMs };
      for (const observe of observers) observe(observed);
    } finally {
      await exchange.cleanup.run();
    }
  };

function openExchange(
  request: Exchange['request'],
  response: Exchange['response'],
  {
    requestId,
    requestTimeoutMs,
    isDevelopment,
    params,
  }: {
    requestId: string;
    requestTimeoutMs: number;
    isDevelopment: boolean;
    params: Exchange['params'];
  },
): Exchange {
  const cleanup = new Cleanup();
  const signal = new Cancellation();
  const timer = setTimeout(() => signal.abort(new RequestTimeout(requestTimeoutMs)), requestTimeoutMs);
  const onClose = () => signal.abort(new Error('The client is gone'));
  response.once('close', onClose);
  cleanup.defer(() => {
    clearTimeout(timer);
    response.off('close', onClose);
  });
  const mediaType = acceptableMediaType(request.headers.accept);
  const incrementalSpec = acceptableIncrementalSpec(request.headers.accept);
  const traceparent = traceparentOf(request.headers['traceparent']);
  const isDebugged = isDevelopment && request.headers['tributary-debug'] !== undefined;
  const debug = isDebugged ? new RequestDebug() : undefined;
  return {
    request,
    response,
    params,
    requestId,
    traceparent,
    mediaType,
    incrementalSpec,
    defers: incrementalSpec !== undefined,
    signal,
    cleanup,
    debug,
  };
}

/** A page that is read and changes nothing: any other method is refused. */
export const readOnly =
  (route: Route): Route =>
  async (request, response, requestId) => {
    if (request.method === 'GET' || request.method === 'HEAD') return route(request, response, requestId);
    response.setHeader('allow', 'GET, HEAD');
    sendJson(response, 405, { message: `Expected GET or HEAD, but got ${request.method}` });
  };

/** The process runs; nothing more is said. */
export const live: Route = async (_request, response) => sendJson(response, 200, { status: 'live' });

export interface ReadyOptions {
  readonly supergraph: RunningSupergraph;
  readonly health: SubgraphHealth;
  readonly isDraining: () => boolean;
  readonly errorTracker: ErrorTracker;
  readonly isDevelopment: boolean;
}

/** Ready to serve: a supergraph is loaded and the gateway is not leaving. Subgraphs are shown, not required. */
export const createReadyRoute =
  ({ supergraph, health, isDraining, errorTracker, isDevelopment }: ReadyOptions): Route =>
  async (_request, response) => {
    const isReady = !isDraining();
    const { total, counts } = errorTracker.summary();
    sendJson(response, isReady ? 200 : 503, {
      status: isReady ? 'ready' : 'draining',
      supergraph: supergraph.current().supergraph.id,
      subgraphs: await health.states(),
      // Paths of fields say what clients ask for: not for everybody.
      ...(isDevelopment && { errors: { total, counts } }),
    });
  };

export const createMetricsRoute =
  (metrics: GatewayMetrics): Route =>
  async (_request, response) => {
    const text = await metrics.text();
    response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
  };
