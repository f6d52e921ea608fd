import { formatError } from '../../gateway/src/errors/format-error.ts';
import { createTokenVerifier } from '../../gateway/src/identity/create-token-verifier.ts';
import { sendJson, startServer } from '../../gateway/src/server.ts';
import { readConnectionSettings } from '../../gateway/src/subscriptions/read-connection-settings.ts';
import type { Quota } from '../../gateway/src/subscriptions/connections/quota.ts';
import { createTransports } from '../../gateway/src/subscriptions/transports/create-transports.ts';
import { checkConfig } from '@tributary/config';
import { createLogger } from '@tributary/telemetry';

import { createFakeOperations } from './fake-operations.ts';
import { startTokenIssuer, type LogLine } from './start-test-gateway.ts';

export interface TransportsSettings {
  /** Environment variables over the defaults. */
  readonly env?: Readonly<Record<string, string>>;
  readonly corsOrigins?: readonly string[];
  readonly forwardedHeaders?: readonly string[];
  readonly isRevoked?: (sub: string | undefined) => boolean;
  /** Bytes that the process seems to take. @default what it takes */
  readonly usedMemory?: () => number;
  /** @default what one gateway counts by itself */
  readonly quota?: Quota;
}

/** The doors of subscriptions before operations that do what the test says, on a free port. */
export async function startTransports({
  env = {},
  corsOrigins = [],
  forwardedHeaders = [],
  isRevoked = () => false,
  quota,
  usedMemory,
}: TransportsSettings = {}) {
  const issuer = await startTokenIssuer();
  const operations = createFakeOperations();
  const log: LogLine[] = [];
  const counts = {
    running: 0,
    opened: [] as string[],
    closed: [] as string[],
    refused: [] as string[],
    left: 0,
  };
  const waiting: (() => void)[] = [];
  const tell = () => waiting.forEach((look) => look());
  const transports = createTransports({
    connections: checkConfig(env, readConnectionSettings),
    corsOrigins,
    forwardedHeaders,
    maxBodyBytes: 65_536,
    bodyTimeoutMs: 5000,
    run: operations.run,
    verifyToken: createTokenVerifier({
      jwks: issuer.jwksUrl,
      issuer: 'http://127.0.0.1:4001',
      audience: 'tributary',
    }),
    report: (requestId, errors) =>
      errors.map((error) => formatError(error, { requestId, isDevelopment: false })),
    metrics: {
      connectionOpened: (transport) => void counts.opened.push(transport),
      connectionClosed: (transport, reason) => {
        counts.closed.push(`${transport}: ${reason}`);
        setImmediate(tell);
      },
      connectionRefused: (reason) => void counts.refused.push(reason),
      subscriptionsOpen: (delta) => {
        counts.running += delta;
      },
    },
    isRevoked: ({ sub }) => isRevoked(sub),
    ...(quota && { quota }),
    ...(usedMemory && { usedMemory }),
    logger: createLogger({
      name: 'gateway',
      level: 'debug',
      destination: { write: (line) => void log.push(JSON.parse(line) as LogLine) },
    }),
  });
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    drainTimeoutMs: 2000,
    logger: createLogger({ name: 'gateway', level: 'silent' }),
    routes: {
      '/graphql': async (request, response, requestId) => {
        response.once('close', () => (counts.left += 1));
        const streamed = await transports.streams(request, response, requestId);
        if (streamed !== 'answered') sendJson(response, 200, { plain: await streamed?.params });
      },
    },
    upgrades: { '/graphql': transports.upgrade },
    onDrain: (timeoutMs) => transports.connections.drain(timeoutMs),
  });
  return {
    url: `${server.url}/graphql`,
    wsUrl: `${server.url.replace('http', 'ws')}/graphql`,
    operations,
    sign: issuer.sign,
    connections: transports.connections,
    counts,
    log,
    /** Resolves when so many connections are gone. */
    closed: (count: number): Promise<void> => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = () => counts.closed.length >= count && resolve();
      waiting.push(look);
      look();
      return promise;
    },
    stop: async () => {
      await Promise.all([server.stop(), issuer.stop()]);
    },
  };
}

export type RunningTransports = Awaited<ReturnType<typeof startTransports>>;
