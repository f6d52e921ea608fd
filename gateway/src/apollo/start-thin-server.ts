import type { ApolloServer, BaseContext } from '@apollo/server';
import { createLogger, type Logger } from '@tributary/telemetry';

import { createCors } from '../http/cors.ts';
import { startServer, type RunningServer } from '../server.ts';
import { serveHttp, type MakeContext } from './serve-http.ts';

export interface ThinServerOptions<Context extends BaseContext> {
  /** Makes the context value of a request. @default an empty one */
  readonly context: MakeContext<Context>;
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** @default 4000 */
  readonly port?: number;
  /** @default '/graphql' */
  readonly path?: string;
  /** Origins whose pages may read answers; `*` is every one. @default none */
  readonly corsOrigins?: readonly string[];
  /** @default 1 MiB */
  readonly maxBodyBytes?: number;
  /** How long a client may take to send a body. @default 10000 */
  readonly bodyTimeoutMs?: number;
  /** How long running requests may take once the server stops. @default 10000 */
  readonly drainTimeoutMs?: number;
  /** @default one that writes warnings and errors as JSON lines to standard output */
  readonly logger?: Logger;
}

/** Apollo Server, listening. */
export interface ThinServer {
  readonly url: string;
  /** Drains, then stops Apollo Server and its gateway. It is the same as the server's own `stop`. */
  stop(): Promise<void>;
}

/**
 * Starts Apollo Server on node:http with nothing in between. What `startStandaloneServer` does with a framework for
 * CORS, bodies and errors costs more than a small operation does.
 *
 * @param server not started yet
 * @example
 * const { url } = await startThinServer(server, { context: ({ req }) => ({ token: req.headers.authorization }) });
 * @throws what the server's `start` throws, such as that of a supergraph that cannot be served
 * @throws {Error} EADDRINUSE for a port that is taken
 */
export function startThinServer(
  server: ApolloServer,
  options?: Partial<ThinServerOptions<BaseContext>>,
): Promise<ThinServer>;
export function startThinServer<Context extends BaseContext>(
  server: ApolloServer<Context>,
  options: ThinServerOptions<Context>,
): Promise<ThinServer>;
export async function startThinServer<Context extends BaseContext>(
  server: ApolloServer<Context>,
  options: Partial<ThinServerOptions<Context>> = {},
): Promise<ThinServer> {
  let listener: RunningServer | undefined;
  // Apollo Server drains its door first, whoever stops it: then no operation meets a gateway that is gone.
  server.addPlugin({
    serverWillStart: async () => ({ drainServer: async () => listener?.stop() }),
  });
  await server.start();
  try {
    listener = await listen(server, options);
  } catch (error: unknown) {
    await server.stop();
    throw error;
  }
  const { path = defaultPath } = options;
  return { url: listener.url + path, stop: () => server.stop() };
}

const defaultPath = '/graphql';

function listen<Context extends BaseContext>(
  server: ApolloServer<Context>,
  options: Partial<ThinServerOptions<Context>>,
): Promise<RunningServer> {
  const {
    // The overloads ask for one wherever an empty one would not do.
    context = () => ({}) as Context,
    host = '127.0.0.1',
    port = 4000,
    path = defaultPath,
    corsOrigins = [],
    maxBodyBytes = 1_048_576,
    bodyTimeoutMs = 10_000,
    drainTimeoutMs = 10_000,
    logger = createLogger({ name: 'apollo-server', level: 'warn' }),
  } = options;
  const cors = createCors(corsOrigins);
  return startServer({
    host,
    port,
    drainTimeoutMs,
    logger,
    routes: {
      [path]: async (request, response) => {
        cors.allow(request, response);
        if (cors.answerPreflight(request, response)) return;
        await serveHttp(server, request, response, { context, maxBodyBytes, bodyTimeoutMs });
      },
    },
  });
}
