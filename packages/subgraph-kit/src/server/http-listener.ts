import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { CodedError, toError } from '@tributary/errors';

import type { Route } from './subgraph-definition.ts';

export interface HttpListenerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** By `METHOD /path`, query string left out. */
  readonly routes: Readonly<Record<string, Route>>;
  /** Told of what a route threw, after the client got a 500. */
  readonly onError: (error: Error) => void;
}

/** A server that listens. */
export interface HttpListener {
  readonly url: string;
  /**
   * Takes no new connection and answers new requests on old ones with 503, lets running requests end for as long as
   * given, then cuts what is left; a second call waits for the first.
   */
  stop(drainTimeoutMs: number): Promise<void>;
}

/**
 * A connection is kept for longer than the gateway keeps an idle one, so that it is never closed just when the gateway
 * sends a request over it.
 */
const timeouts = { keepAliveTimeout: 75_000, headersTimeout: 80_000 };

/** @throws what `listen` says, for example EADDRINUSE */
export async function startHttpListener(options: HttpListenerOptions): Promise<HttpListener> {
  const { host, port, routes, onError } = options;
  const running = new Set<ServerResponse>();
  let stopped: Promise<void> | undefined;
  const server = createServer(timeouts, (request, response) => void serve(request, response));
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    running.add(response);
    response.once('close', () => running.delete(response));
    try {
      await (stopped ? stopping : findRoute(routes, request))(request, response);
    } catch (thrown: unknown) {
      onError(toError(thrown));
      if (!response.headersSent)
        sendError(response, 500, new CodedError('INTERNAL_SERVER_ERROR', 'Internal server error'));
      else response.destroy();
    }
  };
  server.listen(port, host);
  await once(server, 'listening');
  // listen() gives an address object for every address that is not a pipe.
  const { port: actualPort } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`,
    stop: (drainTimeoutMs) => (stopped ??= drain(server, running, drainTimeoutMs)),
  };
}

function findRoute(routes: HttpListenerOptions['routes'], { method, url = '/' }: IncomingMessage): Route {
  const path = url.split('?', 1)[0] ?? '/';
  const route = routes[`${method} ${path}`];
  if (route) return route;
  const methods = Object.keys(routes).filter((key) => key.endsWith(` ${path}`));
  return methods.length > 0
    ? methodNotAllowed(methods.map((key) => key.slice(0, -path.length - 1)))
    : notFound;
}

const notFound: Route = (_request, response) =>
  sendError(
    response,
    404,
    new CodedError('NOT_FOUND', 'Expected /graphql, /health/live, /health/ready or /metrics'),
  );

const methodNotAllowed =
  (methods: readonly string[]): Route =>
  ({ method }, response) => {
    response.setHeader('allow', methods.join(', '));
    const expected = methods.join(' or ');
    sendError(response, 405, new CodedError('BAD_REQUEST', `Expected ${expected}, but got ${method}`));
  };

/** For requests that come over a connection from before: the next one will find whoever takes over. */
const stopping: Route = (_request, response) => {
  response.setHeader('connection', 'close');
  sendError(response, 503, new CodedError('SERVICE_UNAVAILABLE', 'This process is stopping; try again'));
};

/** Writes an error in the form of a GraphQL answer, which is what clients of these paths can read. */
export function sendError(response: ServerResponse, status: number, error: CodedError): void {
  sendJson(response, status, { errors: [error.toJSON()] });
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text);
}

async function drain(server: Server, running: ReadonlySet<ServerResponse>, timeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  // Kept alive for a next request, a connection would hold the server open until it is given up as idle.
  for (const response of running) if (!response.headersSent) response.setHeader('connection', 'close');
  server.closeIdleConnections();
  // Others become idle later, as one whose answer was on its way: there is no event for it.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const force = setTimeout(() => server.closeAllConnections(), timeoutMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(force);
}
