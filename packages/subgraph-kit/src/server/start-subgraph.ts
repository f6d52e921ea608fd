import { CodedError, rootCause } from '@tributary/errors';
import { createLogger, createMetrics, type Logger, type Metrics } from '@tributary/telemetry';

import type { RequestContext } from '../context/create-context.ts';
import { createIdentityVerifier } from '../context/identity-verifier.ts';
import { createDatabase, type Database } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { startEvents, type RunningEvents } from '../events/start-events.ts';
import { createSubgraphSchema } from '../schema/create-subgraph-schema.ts';
import { readSchema } from '../schema/read-schema.ts';
import { createErrorReporter } from './error-reporter.ts';
import { createGraphQLRoute } from './graphql-route.ts';
import { startGraphQLServer, type GraphQLServer, type GraphQLServerOptions } from './graphql-server.ts';
import { createReadiness, live } from './health.ts';
import { startHttpListener } from './http-listener.ts';
import { startTasks } from './start-tasks.ts';
import type { SubgraphConfig } from './subgraph-config.ts';
import type { Route, SubgraphDefinition } from './subgraph-definition.ts';
import { createSubgraphMetrics } from './subgraph-metrics.ts';
import { watchSchema } from './watch-schema.ts';

/** A subgraph that serves. */
export interface RunningSubgraph {
  /** As it stands in supergraph.yaml. */
  readonly name: string;
  /** Of the process, without a path: GraphQL is at `${url}/graphql`. */
  readonly url: string;
  readonly database: Database;
  /** Absent for a subgraph that has nothing to do with events, or no log for them. */
  readonly events: RunningEvents | undefined;
  /** Lets running requests end, then closes the database; a second call waits for the first. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** @default one that writes to standard output, at the level of the settings */
  readonly logger?: Logger;
}

/**
 * Starts a subgraph: checks its schema, brings its database up to date, listens.
 *
 * @example const posts = await startSubgraph(definition, config); posts.url // 'http://127.0.0.1:4002'
 * @throws {CodedError} SCHEMA_INVALID with every problem of the schema, DATABASE_ERROR when there is no database; or
 *   what `listen` said
 */
export async function startSubgraph<Repositories, Loaders, Services>(
  definition: SubgraphDefinition<Repositories, Loaders, Services>,
  config: SubgraphConfig,
  { logger = createLogger({ name: definition.name, level: config.logLevel }) }: StartOptions = {},
): Promise<RunningSubgraph> {
  const { name } = definition;
  const metrics = createMetrics({ service: name });
  const counters = createSubgraphMetrics(name, metrics);
  const errors = createErrorReporter(name, logger, metrics);
  const verifyIdentity =
    definition.identify ?? (await createIdentityVerifier(config.identityPublicKey, name));
  const start = () => startServer(definition, { ...config, errors, logger });
  let server = await start();
  const database = await openDatabase(definition, config, { logger, onStatement: counters.onStatement });
  const listener = await startHttpListener({
    host: config.host,
    port: config.port,
    onError: errors.report,
    routes: {
      ...definition.routes,
      ...commonRoutes(
        createGraphQLRoute({
          server: () => server,
          parts: definition,
          contextInput: {
            database,
            maxLoadedKeys: config.maxLoadedKeys,
            loaderDefaults: {
              maxBatchSize: config.maxBatchSize,
              isBatching: config.isBatching,
              onBatch: counters.onBatch,
            },
          },
          verifyIdentity,
          maxBodyBytes: config.maxBodyBytes,
          requestTimeoutMs: config.requestTimeoutMs,
          isDebuggable: !config.isProduction,
          metrics: counters,
          logger,
          errors,
        }),
        createReadiness({ database, errors: errors.tracker }),
        metrics,
      ),
    },
  }).catch(async (error: unknown) => {
    await database.stop();
    throw error;
  });
  const reload = async () => {
    const previous = server;
    server = await start();
    await previous.stop();
  };
  const watcher = config.isProduction ? undefined : watchSchema(definition.schemaFile, logger, reload);
  // Apart, so that it never keeps a request waiting for a connection; and what requests cost stays countable.
  const background = createDatabase({
    url: config.databaseUrl,
    poolSize: 2,
    statementTimeoutMs: config.statementTimeoutMs,
    applicationName: `${name}-background`,
  });
  const events =
    definition.events &&
    startEvents(definition.events, {
      source: name,
      databaseUrl: config.databaseUrl,
      database: background,
      eventsUrl: config.eventsUrl,
      retention: config.eventRetention,
      logger,
      onSent: counters.onEventsSent,
    });
  const tasks = startTasks(definition.tasks ?? [], background, logger);
  const stop = async () => {
    await listener.stop(config.drainTimeoutMs);
    await tasks.stop();
    await events?.stop();
    await background.stop();
    await watcher?.stop();
    await server.stop();
    await definition.onStop?.();
    await database.stop();
    logger.info('stopped');
  };
  let stopped: Promise<void> | undefined;
  logger.info({ url: listener.url }, 'listening');
  return {
    name,
    url: listener.url,
    database,
    events,
    stop: () => (stopped ??= stop()),
  };
}

const commonRoutes = (graphql: Route, ready: Route, metrics: Metrics): Record<string, Route> => ({
  'POST /graphql': graphql,
  'GET /graphql': graphql,
  'GET /health/live': live,
  'GET /health/ready': ready,
  'GET /metrics': async (_request, response) => {
    const text = await metrics.text();
    response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
  },
});

async function startServer<Repositories, Loaders, Services>(
  definition: SubgraphDefinition<Repositories, Loaders, Services>,
  options: GraphQLServerOptions,
): Promise<GraphQLServer<RequestContext<Repositories, Loaders, Services>>> {
  const typeDefs = await readSchema(definition.schemaFile);
  return startGraphQLServer(createSubgraphSchema({ ...definition, typeDefs }), options);
}

/** Opens the database, brings its tables up to date and fills them if they are empty and the settings say so. */
async function openDatabase(
  { name, migrations, seed }: Pick<SubgraphDefinition<never, never, never>, 'name' | 'migrations' | 'seed'>,
  config: SubgraphConfig,
  { logger, onStatement }: { readonly logger: Logger; readonly onStatement: () => void },
): Promise<Database> {
  const database = createDatabase({
    url: config.databaseUrl,
    poolSize: config.databasePoolSize,
    statementTimeoutMs: config.statementTimeoutMs,
    applicationName: name,
    onStatement,
  });
  try {
    const ran = await migrate(database, migrations);
    if (ran.length > 0) logger.info({ migrations: ran }, 'database migrated');
    if (config.seed !== 'none') await seed?.(database);
    return database;
  } catch (thrown: unknown) {
    await database.stop();
    const { message } = rootCause(thrown);
    throw new CodedError('DATABASE_ERROR', `The database of ${name} could not be prepared: ${message}`, {
      cause: thrown,
    });
  }
}
