import type {
  GatewayInterface,
  GatewayLoadResult,
  GatewaySchemaLoadOrUpdateCallback,
} from '@apollo/server-gateway-interface';
import { toError } from '@tributary/errors';
import { createLogger, type Logger } from '@tributary/telemetry';

import type { AuthorizerOptions } from '../authorization/create-authorizer.ts';
import { loadTributaryEngine } from '../engine/load-tributary-engine.ts';
import { defaultDocumentLimits, type DocumentLimits } from '../operations/limit-document.ts';
import { logBreaker } from '../subgraph-client/log-breaker.ts';
import { SubgraphClient, type SubgraphClientOptions } from '../subgraph-client/subgraph-client.ts';
import type { Generation } from '../supergraph/generation.ts';
import { startSupergraph, type RunningSupergraph } from '../supergraph/start-supergraph.ts';
import { createSupergraphSource, type SupergraphSource } from '../supergraph/supergraph-source.ts';
import { keepingCachePolicies } from './cache-policy.ts';
import { describeToSubgraphs, type Identify } from './caller.ts';
import { createExecutor } from './create-executor.ts';

export interface ApolloGatewayOptions<Context extends object> {
  /** The path of a file or its `file:` URL, the text of a supergraph, or where else one comes from. */
  readonly supergraph: string | SupergraphSource;
  /** Takes up a changed source by itself. @default true */
  readonly watches?: boolean;
  /** Addresses that replace those of the supergraph, by the name of the subgraph. @default none */
  readonly subgraphUrls?: Readonly<Record<string, string>>;
  /** Who asks, and what of the request goes on to subgraphs. @default a caller without a token, and nothing */
  readonly identify?: Identify<Context>;
  /** Ed25519, PKCS#8 PEM: signs for subgraphs who asks. @default subgraphs are told the headers of `identify` alone */
  readonly identityPrivateKey?: string | undefined;
  /** Who evaluates policies. @default nobody: none is granted */
  readonly authorization?: AuthorizerOptions;
  /** Connections, deadlines, sharing and retries of what goes out to subgraphs. */
  readonly subgraphClient?: Partial<SubgraphClientOptions>;
  /** How long an operation may take, planning included. @default 30000 */
  readonly requestTimeoutMs?: number;
  /** What an operation may ask for. @default generous ones */
  readonly documentLimits?: DocumentLimits;
  /** Roughly the memory that operations may take, with all that was made of them. @default 256 MiB */
  readonly operationCacheBytes?: number;
  /** @default one that writes warnings and errors as JSON lines to standard output */
  readonly logger?: Logger;
}

/** Our engine, as Apollo Server takes a gateway. */
export interface ApolloGateway extends GatewayInterface {
  /** Reads the supergraph again, without waiting for its source to say that it changed. */
  reload(): Promise<void>;
}

const defaultFetchTimeoutMs = 10_000;
const defaultRequestTimeoutMs = 30_000;

/**
 * Makes a gateway for `new ApolloServer({ gateway })`. Apollo Server and its plugins see what they see with stock
 * `@apollo/gateway`; the operations run on our engine (docs/decisions/0021).
 *
 * @example
 * const gateway = createApolloGateway({
 *   supergraph: 'supergraph.graphql',
 *   identify: ({ principal, token }: Context) => ({ principal, headers: { authorization: token } }),
 * });
 * const server = new ApolloServer<Context>({ gateway, stringifyResult: handOverResult });
 * @throws {SupergraphInvalid} from `load`, and with it from the server's `start`, when it cannot be served
 */
export function createApolloGateway<Context extends object = object>(
  options: ApolloGatewayOptions<Context>,
): ApolloGateway {
  const { logger = createLogger({ name: 'gateway', level: 'warn' }) } = options;
  const listeners = new Set<GatewaySchemaLoadOrUpdateCallback>();
  let announced: Generation | undefined;
  let loading: Promise<Loaded> | undefined;
  let stopping: Promise<void> | undefined;

  const announce = ({ supergraph }: Loaded) => {
    const current = supergraph.current();
    if (current === announced) return;
    announced = current;
    for (const listener of listeners) tell(listener, current, logger);
  };

  const reload = async (loaded: Loaded) => {
    await loaded.supergraph.reload();
    announce(loaded);
  };

  const load = async (): Promise<Loaded> => {
    const loaded = await start(options, logger, () => void reload(loaded));
    announce(loaded);
    return loaded;
  };

  return {
    onSchemaLoadOrUpdate: (listener) => {
      listeners.add(listener);
      if (announced) tell(listener, announced, logger);
      return () => void listeners.delete(listener);
    },
    load: async (): Promise<GatewayLoadResult> => {
      const { supergraph } = await (loading ??= load());
      const executor = createExecutor({
        supergraph,
        // The types of Apollo Server say nothing about the context; its own options do.
        identify: (contextValue) => options.identify?.(contextValue as Context) ?? {},
        describeToSubgraphs: describeToSubgraphs(options.identityPrivateKey),
        requestTimeoutMs: options.requestTimeoutMs ?? defaultRequestTimeoutMs,
        documentLimits: options.documentLimits ?? defaultDocumentLimits,
        logger,
      });
      return { executor };
    },
    reload: async () => {
      if (loading) await reload(await loading);
    },
    stop: () => (stopping ??= stop(loading)),
  };
}

function tell(
  listener: GatewaySchemaLoadOrUpdateCallback,
  { engine, supergraph }: Generation,
  logger: Logger,
): void {
  try {
    listener({ apiSchema: engine.schema, coreSupergraphSdl: supergraph.sdl });
  } catch (error: unknown) {
    // The others want to hear of it as well.
    logger.error({ err: toError(error) }, 'a listener failed at a new supergraph');
  }
}

interface Loaded {
  readonly supergraph: RunningSupergraph;
  stop(): Promise<void>;
}

async function start<Context extends object>(
  options: ApolloGatewayOptions<Context>,
  logger: Logger,
  onChange: () => void,
): Promise<Loaded> {
  const source = toSource(options.supergraph);
  const subgraphClient = new SubgraphClient({
    fetchTimeoutMs: defaultFetchTimeoutMs,
    onBreaker: logBreaker(logger),
    ...options.subgraphClient,
  });
  try {
    const supergraph = await startSupergraph({
      source,
      loadEngine: (loaded, parts) =>
        loadTributaryEngine(loaded, { ...parts, subgraphClient: keepingCachePolicies(subgraphClient) }),
      parts: { subgraphClient, logger },
      logger,
      introspection: true,
      documentLimits: options.documentLimits ?? defaultDocumentLimits,
      ...(options.operationCacheBytes !== undefined && { operationCacheBytes: options.operationCacheBytes }),
      authorization: options.authorization,
      subgraphUrls: options.subgraphUrls ?? {},
      // Whoever takes up a new one here must tell Apollo Server, too.
      watches: false,
    });
    const unwatch = options.watches === false ? undefined : source.watch(onChange);
    const stop = async () => {
      unwatch?.();
      await supergraph.stop();
      await subgraphClient.stop();
    };
    return { supergraph, stop };
  } catch (error: unknown) {
    await subgraphClient.stop();
    throw error;
  }
}

async function stop(loading: Promise<Loaded> | undefined): Promise<void> {
  const loaded = await loading?.catch(() => undefined);
  await loaded?.stop();
}

function toSource(supergraph: string | SupergraphSource): SupergraphSource {
  if (typeof supergraph !== 'string') return supergraph;
  // A supergraph has braces and lines; the path of one hardly does.
  if (!/[{\n]/.test(supergraph)) return createSupergraphSource(supergraph);
  return { name: 'text', read: () => Promise.resolve(supergraph), watch: () => () => {} };
}
