import { ApolloGateway } from '@apollo/gateway';
import { prettyFormatQueryPlan } from '@apollo/query-planner';
import { toError } from '@tributary/errors';
import type { Logger } from '@tributary/telemetry';
import { GraphQLError, print, type GraphQLFormattedError } from 'graphql';

import { Unauthorized } from '../engine/answer/answer-errors.ts';
import type {
  EngineAnswer,
  ExecutableOperation,
  ExecutionRequest,
  LoadEngine,
  PlanRequest,
} from '../engine/engine.ts';
import { OperationTooComplex } from '../errors/gateway-errors.ts';
import type { FetchContext } from '../subgraph-client/subgraph-client.ts';
import { untilAborted } from '../until-aborted.ts';
import { clientPath } from './client-path.ts';
import { createDataSource } from './create-data-source.ts';
import { withoutUnsupportedFeatures } from './without-unsupported-features.ts';

type RequestContext = Parameters<ApolloGateway['executor']>[0];

/**
 * Stock `@apollo/gateway` as an engine: the reference that ours is compared with (docs/decisions/0006).
 */
export const loadReferenceEngine: LoadEngine = async (supergraph, { subgraphClient, logger }) => {
  // Read by its constructor: without it the gateway looks up cloud metadata and reports to Apollo every hour.
  process.env['APOLLO_TELEMETRY_DISABLED'] = '1';
  const gateway = new ApolloGateway({
    supergraphSdl: print(withoutUnsupportedFeatures(supergraph.document)),
    validateSupergraph: true,
    __exposeQueryPlanExperimental: false,
    logger: quiet(logger),
    experimental_didResolveQueryPlan: ({ queryPlan, requestContext }) => {
      const { debug } = requestContext.context as FetchContext;
      if (debug) debug.plan = prettyFormatQueryPlan(queryPlan);
    },
    buildService: ({ name, url = '' }) =>
      createDataSource(
        supergraph.subgraphs.find((subgraph) => subgraph.name === name) ?? { name, url },
        subgraphClient,
      ),
  });
  const { schema, executor } = await gateway.load();
  const plan = (planned: PlanRequest): ExecutableOperation => ({
    execute: async (request) =>
      planned.refusals
        ? refused
        : toAnswer(
            await untilAborted(
              executor(toRequestContext({ ...planned, ...request }, schema, logger)).catch(explain),
              request.fetchContext.signal,
            ),
          ),
  });
  // Stock knows no labels: it plans as if all of them were off.
  return { schema, overrideLabelsOf: () => [], plan, stop: () => gateway.stop() };
};

/** Stock cannot leave out what a caller may not see, so it is not asked for the rest either. */
const refused: EngineAnswer = { data: 'null', errors: [new Unauthorized()] };

/**
 * Names what stock refuses by a plain error: then it is not our mistake but an operation that it cannot plan.
 *
 * @throws {OperationTooComplex} for limits of the planner, and where it ran out of stack
 */
function explain(error: unknown): never {
  const cause = toError(error);
  if (!isPlannerLimit(cause)) throw cause;
  throw new OperationTooComplex(
    'Expected an operation with fewer or less deeply nested selections, but got more than can be planned',
  ).with({ cause });
}

const isPlannerLimit = ({ name, message }: Error): boolean =>
  /^Number of non-local selections exceeds limit|^Exceeded maximum recursive selections/.test(message) ||
  (name === 'RangeError' && message.startsWith('Maximum call stack size exceeded'));

/** What Apollo Server would hand over; the executor reads only these. */
const toRequestContext = (
  { operation, variables, fetchContext }: PlanRequest & ExecutionRequest,
  schema: RequestContext['schema'],
  logger: Logger,
): RequestContext => ({
  request: {
    query: operation.text,
    variables,
    ...(operation.name !== undefined && { operationName: operation.name }),
  },
  document: operation.document,
  operation: operation.node,
  operationName: operation.name ?? null,
  queryHash: operation.hash,
  source: operation.text,
  context: { ...fetchContext },
  metrics: {},
  overallCachePolicy: undefined as never,
  cache: undefined as never,
  schema,
  schemaHash: '' as RequestContext['schemaHash'],
  logger,
});

type StockResult = Awaited<ReturnType<ApolloGateway['executor']>>;

function toAnswer({ data, errors = [], extensions }: StockResult): EngineAnswer {
  // Stock hides a null that a non-null field may not have among the extensions; the specification wants an error.
  const completion = (extensions?.['valueCompletion'] ?? []) as readonly GraphQLFormattedError[];
  const all = [...errors, ...completion.map(toCompletionError)].map((error) => withClientPath(error, data));
  return { data: JSON.stringify(data ?? null), errors: all };
}

const toCompletionError = ({ message, path }: GraphQLFormattedError): GraphQLError =>
  new GraphQLError(message, { path, extensions: { code: 'DOWNSTREAM_SERVICE_ERROR' } });

function withClientPath(error: GraphQLError, data: unknown): GraphQLError {
  if (!error.path) return error;
  const path = clientPath(error.path, data);
  if (path.length === error.path.length && path.length > 0) return error;
  return new GraphQLError(error.message, {
    ...(path.length > 0 && { path }),
    originalError: error.originalError,
    extensions: error.extensions,
  });
}

/** Its lines about loading are ours already; what it warns of is not. */
const quiet = (logger: Logger) => ({
  debug: (message?: string) => logger.debug(message),
  info: (message?: string) => logger.debug(message),
  warn: (message?: string) => logger.warn(message),
  error: (message?: string) => logger.error(message),
});
