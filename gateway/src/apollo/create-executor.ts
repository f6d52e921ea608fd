import type {
  GatewayCachePolicy,
  GatewayExecutionResult,
  GatewayExecutor,
} from '@apollo/server-gateway-interface';
import { CodedError, errorKind, maskedMessage, toError } from '@tributary/errors';
import type { Logger } from '@tributary/telemetry';
import { GraphQLError } from 'graphql';

import type { EngineAnswer } from '../engine/engine.ts';
import { OperationNotFound } from '../errors/gateway-errors.ts';
import { statusOfRefusal } from '../http/http-status.ts';
import { coerceVariables, RequestErrors } from '../operations/coerce-variables.ts';
import type { DocumentLimits } from '../operations/limit-document.ts';
import type { Operation } from '../operations/prepare-document.ts';
import { selectOperation } from '../operations/select-operation.ts';
import { anonymous } from '../identity/principal.ts';
import { startDeadline } from '../start-deadline.ts';
import { untilAborted } from '../until-aborted.ts';
import type { Generation } from '../supergraph/generation.ts';
import type { RunningSupergraph } from '../supergraph/start-supergraph.ts';
import type { FetchContextWithPolicy } from './cache-policy.ts';
import type { Caller, DescribeToSubgraphs } from './caller.ts';
import { readyData } from './ready-data.ts';
import { ServedOperations } from './served-operations.ts';
import { asTheSubgraphSaid } from './subgraph-error.ts';

export interface ExecutorOptions {
  readonly supergraph: Pick<RunningSupergraph, 'current'>;
  readonly identify: (contextValue: object) => Caller | Promise<Caller>;
  readonly describeToSubgraphs: DescribeToSubgraphs;
  readonly requestTimeoutMs: number;
  readonly documentLimits: DocumentLimits;
  readonly logger: Logger;
}

type RequestContext = Parameters<GatewayExecutor>[0];

/** What Apollo Server runs operations with: it has parsed and validated them, the rest of the way is ours. */
export function createExecutor(options: ExecutorOptions): GatewayExecutor {
  const served = new WeakMap<Generation, ServedOperations>();
  const servedBy = (generation: Generation): ServedOperations => {
    const known = served.get(generation);
    if (known) return known;
    const { engine, documentBytes } = generation;
    const operations = new ServedOperations(engine.schema, options.documentLimits, documentBytes);
    served.set(generation, operations);
    return operations;
  };

  return async (requestContext) => {
    const generation = options.supergraph.current();
    const release = generation.lease();
    try {
      const operations = servedBy(generation);
      const operation = pickOperation(
        operations.of(requestContext.document, requestContext.schema),
        requestContext,
      );
      const onPlanned = () =>
        operations.weigh(operation.text, (each) => generation.engine.bytesOf?.(each) ?? 0);
      return toResult(await run(operation, requestContext, { ...options, generation, onPlanned }));
    } catch (error: unknown) {
      return refuse(error, options.logger);
    } finally {
      release();
    }
  };
}

function pickOperation(
  operations: readonly Operation[],
  { operation, request }: Pick<Partial<RequestContext>, 'operation'> & Pick<RequestContext, 'request'>,
): Operation {
  // By name: the operations may be those of an equal document that came before.
  const picked = operation && operations.find(({ name }) => name === operation.name?.value);
  if (picked) return picked;
  // Apollo Server found none and wants to hear why.
  selectOperation(operations, request.operationName);
  throw new OperationNotFound('Expected operationName to name an operation, but it is empty');
}

interface RunOptions extends ExecutorOptions {
  readonly generation: Generation;
  /** Told when something was made of the operation that takes memory. */
  readonly onPlanned: () => void;
}

async function run(
  operation: Operation,
  { request, context, overallCachePolicy }: RequestContext,
  { generation, identify, describeToSubgraphs, requestTimeoutMs, onPlanned }: RunOptions,
): Promise<EngineAnswer> {
  const { engine, authorizer } = generation;
  const variables = request.variables ?? {};
  const coercedVariables = coerceVariables(operation, variables, {
    schema: engine.schema,
    introspection: true,
  });
  const caller = await identify(context);
  const deadline = startDeadline(requestTimeoutMs, caller.signal);
  try {
    const { principal = anonymous, overrideLabels } = caller;
    const needs = authorizer.needsOf(operation.document);
    const refusals = await authorizer.refusalsFor(needs, principal);
    const cachePolicy = operation.type === 'query' ? (overallCachePolicy as GatewayCachePolicy) : undefined;
    // Another caller may not see the same, whatever the subgraphs say.
    if (needs.requirements.length > 0) cachePolicy?.restrict({ scope: 'PRIVATE' });
    const fetchContext: FetchContextWithPolicy = {
      ...describeToSubgraphs(caller, request.http?.headers),
      signal: deadline.signal,
      cachePolicy,
    };
    const client = () => (principal.sub === undefined ? '' : `user ${principal.sub}`);
    const planned = engine.plan({ operation, refusals, overrideLabels, client });
    // Also when nobody waits for it any more.
    if (planned instanceof Promise) planned.then(onPlanned, () => {});
    const executable = planned instanceof Promise ? await untilAborted(planned, deadline.signal) : planned;
    return await executable.execute({ variables, coercedVariables, fetchContext });
  } finally {
    deadline.stop();
  }
}

const toResult = ({ data, errors }: EngineAnswer): GatewayExecutionResult => ({
  ...(errors.length > 0 && { errors: errors.map(asTheSubgraphSaid) }),
  data: data === 'null' ? null : readyData(data),
});

/**
 * A request that cannot be run is a result without data, as graphql-js has it: Apollo Server makes a 400 of it.
 *
 * @throws {GraphQLError} for whatever else stopped it
 */
function refuse(thrown: unknown, logger: Logger): GatewayExecutionResult {
  if (thrown instanceof RequestErrors) return { errors: thrown.errors };
  if (thrown instanceof CodedError) {
    const error = withStatus(thrown);
    if (errorKind(thrown.code).class === 'user') return { errors: [error] };
    throw error;
  }
  // What `identify` throws is meant for the client when it is a GraphQLError; Apollo Server formats it.
  if (thrown instanceof GraphQLError) throw thrown;
  const err = toError(thrown);
  logger.error({ err }, 'a request failed');
  throw new GraphQLError(maskedMessage, {
    originalError: err,
    extensions: { code: 'INTERNAL_SERVER_ERROR' },
  });
}

/** Apollo Server reads the status of its answer out of an error, and leaves it out of what is sent. */
const withStatus = (error: CodedError): GraphQLError =>
  new GraphQLError(error.message, {
    originalError: error.originalError,
    extensions: {
      ...error.extensions,
      http: { status: statusOfRefusal(error.code, error, 'application/graphql-response+json') },
    },
  });
