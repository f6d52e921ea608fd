import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

import { toError } from '@tributary/errors';
import { requestIdOf, runInRequest, type Logger } from '@tributary/telemetry';

/** A route answers the request whole. */
export type Route = (request: IncomingMessage, response: ServerResponse, requestId: string) => Promise<void>;

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  readonly drainTimeoutMs: number;
  /** Keyed by path. */
  readonly routes: Readonly<Record<string, Route>>;
  readonly logger: Logger;
  /** Takes over the connections of requests that ask to become WebSockets. @default they are answered as any other */
  readonly upgrades?: Readonly<Record<string, UpgradeRoute>>;
  /** Ends what would not end by itself, within the drain timeout. */
  readonly onDrain?: (timeoutMs: number) => Promise<void>;
}

/** Answers a request that wants to become something else, on its connection. */
export type UpgradeRoute = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface RunningServer {
  readonly url: string;
  /** True from the beginning of {@link stop}. */
  isDraining(): boolean;
  /** Takes no new connections, lets running requests finish within the drain timeout, then cuts off the rest. */
  stop(): Promise<void>;
}

// Longer than the minute for which load balancers keep a connection: the side that sends must be the one that closes,
// or a request meets a connection that has just gone.
const keepAliveMs = 65_000;

/**
 * Listens, gives every request its id, and hands it to its route.
 *
 * @throws {Error} EADDRINUSE and its like
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  let isDraining = false;
  // One for all responses: each of them would otherwise make its own.
  const onClose = () => isDraining && setImmediate(() => server.closeIdleConnections());
  const { upgrades = {} } = options;
  // Java's client asks with every request for HTTP/2 by the same header, and has to be answered.
  const shouldUpgradeCallback = (request: IncomingMessage) =>
    request.headers.upgrade?.toLowerCase() === 'websocket' && upgrades[pathOf(request.url)] !== undefined;
  const server = createServer({ shouldUpgradeCallback }, (request, response) => {
    // A client that keeps its connection would otherwise bring its next request to a gateway that is leaving.
    if (isDraining) response.setHeader('connection', 'close');
    // The same for the connections of requests that were running when the drain began.
    response.on('close', onClose);
    void answer(request, response, options);
  });
  server.keepAliveTimeout = keepAliveMs;
  server.on('upgrade', (request, socket, head) => upgrades[pathOf(request.url)]?.(request, socket, head));
  await listen(server, options);
  return {
    url: urlOf(server, options.host),
    isDraining: () => isDraining,
    stop: () => {
      isDraining = true;
      return drain(server, options);
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { routes, logger }: ServerOptions,
): Promise<void> {
  const requestId = requestIdOf(request.headers['x-request-id']);
  response.setHeader('x-request-id', requestId);
  const route = routes[pathOf(request.url)] ?? notFound(Object.keys(routes));
  await runInRequest({ requestId }, async () => {
    try {
      await route(request, response, requestId);
    } catch (error: unknown) {
      logger.fatal({ err: toError(error) }, 'a route failed');
      fail(response, requestId);
    }
  });
}

function pathOf(url = '/'): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

const notFound =
  (paths: readonly string[]): Route =>
  async (_request, response) =>
    sendJson(response, 404, { message: `Nothing is served here; there is ${paths.join(', ')}` });

/** The last resort: whatever failed, the client gets JSON and nothing of the inside. */
function fail(response: ServerResponse, requestId: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const extensions = { code: 'INTERNAL_SERVER_ERROR', timestamp: new Date().toISOString(), requestId };
  sendJson(response, 500, { errors: [{ message: 'Internal server error', extensions }] });
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}

function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port }, () => {
    server.off('error', reject);
    resolve();
  });
  return promise;
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  const isEverywhere = host === '0.0.0.0' || host === '::';
  const name = isEverywhere ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

async function drain(server: Server, { drainTimeoutMs, onDrain }: ServerOptions): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  const timer = setTimeout(() => server.closeAllConnections(), drainTimeoutMs);
  await Promise.all([promise, onDrain?.(drainTimeoutMs)]);
  clearTimeout(timer);
}
