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
   * Takes no new connection, lets running requests end for as long as given, then cuts what is left; a second call
   * waits for the first.
   */
  stop(drainTimeoutMs: number): Promise<void>;
}

/** @throws what `listen` says, for example EADDRINUSE */
export async function startHttpListener(options: HttpListenerOptions): Promise<HttpListener> {
  const { host, port, routes, onError } = options;
  const server = createServer((request, response) => void serve(request, response));
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    try {
      await findRoute(routes, request)(request, response);
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
  let stopped: Promise<void> | undefined;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`,
    stop: (drainTimeoutMs) => (stopped ??= drain(server, drainTimeoutMs)),
  };
}

function findRoute(routes: HttpListenerOptions['routes'], { method, url = '/' }: IncomingMessage): Route {
  const path = url.split('?', 1)[0] ?? '/';
  const route = routes[`${method} ${path}`];
  if (route) return route;
  const isKnown = Object.keys(routes).some((key) => key.endsWith(` ${path}`));
  return isKnown ? methodNotAllowed : notFound;
}

const notFound: Route = (_request, response) =>
  sendError(
    response,
    404,
    new CodedError('NOT_FOUND', 'Expected /graphql, /health/live, /health/ready or /metrics'),
  );

const methodNotAllowed: Route = (request, response) =>
  sendError(response, 405, new CodedError('BAD_REQUEST', `Method ${request.method} is not allowed here`));

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

async function drain(server: Server, timeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const force = setTimeout(() => server.closeAllConnections(), timeoutMs);
  await closed;
  clearTimeout(force);
}
