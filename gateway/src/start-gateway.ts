import { ErrorTracker, toError } from '@tributary/errors';
import { createMemoryEventLog, openEventLog, UnreadableEvent, type EventLog } from '@tributary/event-log';
import { createLogger, type Logger } from '@tributary/telemetry';

import type { EvaluatePolicies } from './authorization/create-authorizer.ts';
import { Cleanup } from './cleanup.ts';
import type { GatewayConfig } from './config.ts';
import { createGraphiQL } from './console/graphiql.ts';
import type { LoadEngine } from './engine/engine.ts';
import { createErrorLog } from './errors/log-errors.ts';
import { startSubgraphHealth } from './health/start-subgraph-health.ts';
import { createCors } from './http/cors.ts';
import { withoutInternalScopes, type CallerVerifier } from './identity/caller-verifier.ts';
import { createIdentitySigner } from './identity/create-identity-signer.ts';
import { createTokenVerifier } from './identity/create-token-verifier.ts';
import type { Principal } from './identity/principal.ts';
import { createAccessLog } from './observers/access-log.ts';
import { createGatewayMetrics } from './observers/gateway-metrics.ts';
import { createOverheadWarning } from './observers/overhead-warning.ts';
import { createConnectionsRoute, createSubscriptionsRoute, forOperators } from './operator-routes.ts';
import { createPipeline } from './pipeline/pipeline.ts';
import { startPresence } from './presence/start-presence.ts';
import {
  createGraphQLRoute,
  createMetricsRoute,
  createReadyRoute,
  live as alive,
  readOnly,
} from './routes.ts';
import { startServer } from './server.ts';
import { createLocalQuota, type Quota } from './subscriptions/connections/quota.ts';
import { createRedisCounts } from './subscriptions/connections/redis-counts.ts';
import { createSharedQuota } from './subscriptions/connections/shared-quota.ts';
import { startLiveOperations } from './subscriptions/start-live-operations.ts';
import { logBreaker } from './subgraph-client/log-breaker.ts';
import { SubgraphClient } from './subgraph-client/subgraph-client.ts';
import { startSupergraph } from './supergraph/start-supergraph.ts';
import { createSupergraphSource } from './supergraph/supergraph-source.ts';

/** A gateway that listens. */
export interface RunningGateway {
  /** Where clients send operations: `http://127.0.0.1:4000/graphql`. */
  readonly url: string;
  /** The address without the endpoint's path, for health and metrics. */
  readonly origin: string;
  /** Reads the supergraph again, without waiting for its source to say that it changed. */
  reload(): Promise<void>;
  /** Ends the subscriptions and sockets of a user whose rights were taken away; gives how many connections there were. */
  revoke(sub: string): number;
  /** Drains and lets go of everything; a second call waits for the first. */
  stop(): Promise<void>;
}

export interface GatewayOptions {
  /** @default one that writes JSON lines to standard output at `config.logLevel` */
  readonly logger?: Logger;
  /** @default '0.1.0' */
  readonly version?: string;
  /** Says who a caller is. @default the one whom the token names, by the keys of the settings; nobody without one */
  readonly verifyToken?: CallerVerifier | undefined;
  /** Says which policies of `@policy` a caller fulfils. @default nobody fulfils any */
  readonly evaluatePolicies?: EvaluatePolicies | undefined;
  /** Where events come from; stopped with the gateway. @default the one of the settings; else one into which nobody writes */
  readonly eventLog?: EventLog;
  /** Whether the rights of a caller were taken away before its token ends. @default never */
  readonly isRevoked?: ((principal: Principal) => boolean) | undefined;
}

const endpoint = '/graphql';

/**
 * Starts the one public door: loads the supergraph, then listens. Subgraphs need not be there yet.
 *
 * @throws {CodedError} SCHEMA_INVALID for a supergraph that cannot be served
 * @throws {Error} EADDRINUSE for a port that is taken
 */
export async function startGateway(
  config: GatewayConfig,
  {
    logger = createLogger({ name: 'gateway', level: config.logLevel }),
    version = '0.1.0',
    verifyToken,
    evaluatePolicies,
    eventLog = openLog(config, logger),
    isRevoked,
  }: GatewayOptions = {},
): Promise<RunningGateway> {
  // Whatever was started before something failed is stopped again, the last one first.
  const started = new Cleanup();
  try {
    const options = { logger, version, verifyToken, evaluatePolicies, eventLog, isRevoked };
    return await startParts(config, { ...options, started });
  } catch (error: unknown) {
    await started.run();
    throw error;
  }
}

const openLog = ({ eventsUrl }: GatewayConfig, logger: Logger): EventLog =>
  eventsUrl === undefined
    ? createMemoryEventLog()
    : openEventLog({
        url: eventsUrl,
        onError: (error) => {
          const reason = toError(error).message;
          if (error instanceof UnreadableEvent) logger.error({ reason }, 'event left out');
          else logger.warn({ reason }, 'event log not reached');
        },
      });

/** Whoever asks is asked in timers, where nobody would catch it: a check that fails counts as revoked, and is logged. */
const closedOnFailure =
  (isRevoked: (principal: Principal) => boolean, logger: Logger) =>
  (principal: Principal): boolean => {
    try {
      return isRevoked(principal);
    } catch (error: unknown) {
      logger.error(
        { err: toError(error) },
        'it is not known whether a token was revoked, so it counts as that',
      );
      return true;
    }
  };

/** Limits of connections hold for all gateways that are told of the same Redis. */
function openQuota({ redisUrl }: GatewayConfig, logger: Logger, started: Cleanup): Quota {
  if (redisUrl === undefined) return createLocalQuota();
  const counts = createRedisCounts({ url: redisUrl, logger });
  started.defer(() => counts.stop());
  return createSharedQuota({ counts, logger });
}

interface StartContext extends Required<GatewayOptions> {
  readonly started: Cleanup;
}

async function startParts(
  config: GatewayConfig,
  { logger, version, verifyToken, evaluatePolicies, eventLog, isRevoked, started }: StartContext,
): Promise<RunningGateway> {
  started.defer(() => eventLog.stop());
  const metrics = createGatewayMetrics(version);
  const errorTracker = new ErrorTracker();
  const sayBreaker = logBreaker(logger);
  const subgraphClient = new SubgraphClient({
    ...config.subgraphClient,
    onRequest: metrics.countSubgraphRequest,
    onShared: metrics.countSharedFetch,
    onRetry: metrics.countSubgraphRetry,
    onBreaker: (subgraph, isOpen) => {
      metrics.showBreaker(subgraph, isOpen);
      sayBreaker(subgraph, isOpen);
    },
  });
  started.defer(() => subgraphClient.stop());

  const supergraph = await startSupergraph({
    source: createSupergraphSource(config.supergraph),
    loadEngine: await engines[config.engine](),
    parts: { subgraphClient, logger, isDevelopment: config.isDevelopment, planning: config.planning },
    logger,
    introspection: config.introspection,
    documentLimits: config.documentLimits,
    operationCacheBytes: config.operationCacheBytes,
    authorization: {
      evaluatePolicies,
      onPolicyFailure: (err) => logger.error({ err }, 'policies were not evaluated, so none is granted'),
    },
    subgraphUrls: config.subgraphUrls,
    warmUp: config.warmUp,
    watches: config.watchesSupergraph,
  });
  started.defer(() => supergraph.stop());
  const subgraphs = () => supergraph.current().supergraph.subgraphs;
  for (const { name } of subgraphs()) metrics.declareSubgraph(name);
  for (const name of Object.keys(config.subgraphUrls)) {
    if (subgraphs().some((subgraph) => subgraph.name === name)) continue;
    logger.warn({ subgraph: name }, `SUBGRAPH_URLS names "${name}", which the supergraph does not have`);
  }

  const health = startSubgraphHealth({
    subgraphs,
    client: subgraphClient,
    logger,
    intervalMs: config.healthIntervalMs,
  });
  started.defer(() => health.stop());

  const shared = {
    ...config,
    trustedProxies: config.connections.trustedProxies,
    verifyToken: verifyToken
      ? withoutInternalScopes(verifyToken)
      : createTokenVerifier({ ...config.jwt, jwks: config.jwt.jwksUrl }),
    signIdentity: createIdentitySigner({ privateKey: config.identityPrivateKey }),
    supergraph,
    logger,
    logErrors: createErrorLog(logger),
    errorTracker,
    observers: [
      metrics.observe,
      createAccessLog(logger),
      createOverheadWarning({ logger, percent: config.overheadWarningPercent }),
    ],
  };
  const quota = openQuota(config, logger, started);
  const live = startLiveOperations({
    ...shared,
    quota,
    eventLog,
    isRevoked: isRevoked && closedOnFailure(isRevoked, logger),
    metrics: metrics.connections,
    observer: metrics.subscriptions,
  });
  started.defer(() => live.stop());
  const presence = startPresence({ ...shared, subgraphClient, users: () => live.connections.users() });
  started.defer(() => presence.stop());
  const server = await startServer({
    ...config,
    logger,
    routes: {
      [endpoint]: createGraphQLRoute({
        ...shared,
        pipeline: createPipeline(shared),
        cors: createCors(config.corsOrigins),
        graphiql: config.graphiql ? createGraphiQL(endpoint) : undefined,
        streams: live.streams,
      }),
      '/health/live': readOnly(alive),
      '/health/ready': readOnly(
        createReadyRoute({
          supergraph,
          health,
          errorTracker,
          isDevelopment: config.isDevelopment,
          isDraining: () => server.isDraining(),
        }),
      ),
      '/metrics': readOnly(createMetricsRoute(metrics)),
      ...(config.operatorToken !== undefined && {
        '/subscriptions': readOnly(forOperators(config.operatorToken, createSubscriptionsRoute(live))),
        '/connections': readOnly(
          forOperators(config.operatorToken, createConnectionsRoute(live.connections)),
        ),
      }),
    },
    upgrades: { [endpoint]: live.upgrade },
    onDrain: (timeoutMs) => live.connections.drain(timeoutMs),
  });
  started.defer(() => server.stop());

  let stopping: Promise<void> | undefined;
  return {
    url: server.url + endpoint,
    origin: server.url,
    reload: () => supergraph.reload(),
    revoke: (sub) => live.connections.revoke(sub),
    // In reverse: the door first, then what the requests behind it needed, then the connections that those used.
    stop: () => (stopping ??= started.run()),
  };
}

/** Engines are loaded by name, so that the packages of one that is not used stay out of the process. */
const engines: Record<GatewayConfig['engine'], () => Promise<LoadEngine>> = {
  tributary: async () => (await import('./engine/load-tributary-engine.ts')).loadTributaryEngine,
  apollo: async () => (await import('./reference-engine/load-reference-engine.ts')).loadReferenceEngine,
};
