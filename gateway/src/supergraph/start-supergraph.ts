import { toError } from '@tributary/errors';
import type { Logger } from '@tributary/telemetry';

import { createAuthorizer, type AuthorizerOptions } from '../authorization/create-authorizer.ts';
import type { EngineParts, LoadEngine } from '../engine/engine.ts';
import { SupergraphInvalid } from '../errors/gateway-errors.ts';
import type { DocumentLimits } from '../operations/limit-document.ts';
import type { SubgraphClient } from '../subgraph-client/subgraph-client.ts';
import { Generation } from './generation.ts';
import { readSupergraph } from './read-supergraph.ts';
import type { SupergraphSource } from './supergraph-source.ts';
import { warmGeneration, type WarmUpOptions } from './warm-generation.ts';

/** The supergraph in service; a new one takes its place without a pause. */
export interface RunningSupergraph {
  /** The generation that a request which begins now belongs to. */
  current(): Generation;
  /** Calls back when another generation has become the current one; the returned function ends that. */
  onChange(listener: () => void): () => void;
  /** Reads the source again and takes up what is new; a bad one is logged and changes nothing. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

export interface SupergraphOptions {
  readonly source: SupergraphSource;
  readonly loadEngine: LoadEngine;
  readonly parts: EngineParts & { readonly subgraphClient: SubgraphClient };
  readonly logger: Logger;
  readonly introspection: boolean;
  readonly documentLimits: DocumentLimits;
  /** Roughly what operations may take, with all that was made of them. @default 256 MiB */
  readonly operationCacheBytes?: number;
  /** Who evaluates policies. @default nobody, so none is granted */
  readonly authorization?: AuthorizerOptions | undefined;
  /** Addresses that replace those of the supergraph. */
  readonly subgraphUrls: Readonly<Record<string, string>>;
  /** What is made ready before a new supergraph takes over. @default nothing */
  readonly warmUp?: Omit<WarmUpOptions, 'logger'>;
  /** Takes up a changed source by itself. */
  readonly watches: boolean;
}

/**
 * Loads the supergraph and follows its source.
 *
 * @throws {SupergraphInvalid} when the first one cannot be served: there is nothing to fall back to
 */
export async function startSupergraph(options: SupergraphOptions): Promise<RunningSupergraph> {
  const { source, logger, parts } = options;
  let current = await load(options);
  let reloading: Promise<void> = Promise.resolve();
  const retiring = new Set<Promise<void>>();
  const listeners = new Set<() => void>();
  logger.info({ supergraph: current.supergraph.id, ...describe(current) }, 'the supergraph is in service');

  const retire = (old: Generation) => {
    const done = old
      .retire()
      .then(() => old.engine.stop())
      // The old generation may have been the last to need a subgraph.
      .then(() => parts.subgraphClient.keepOnly(current.supergraph.subgraphs))
      .catch((error: unknown) => logger.error({ err: toError(error) }, 'an old supergraph did not stop'))
      .finally(() => retiring.delete(done));
    retiring.add(done);
  };

  const takeUp = async () => {
    try {
      const next = await load(options, current.supergraph.id);
      if (!next) return;
      const warmed = options.warmUp ? await warmGeneration(next, current, { ...options.warmUp, logger }) : 0;
      const old = current;
      current = next;
      for (const listener of listeners) listener();
      retire(old);
      logger.info(
        { supergraph: next.supergraph.id, warmed, ...describe(next) },
        'a new supergraph is in service',
      );
    } catch (error: unknown) {
      const err = toError(error);
      logger.error(
        { err, supergraph: current.supergraph.id },
        `${err.message}; the one before stays in service`,
      );
    }
  };

  // One after the other, so that the last change of the source is the one that stays.
  const reload = () => (reloading = reloading.then(takeUp));
  const unwatch = options.watches ? source.watch(() => void reload()) : undefined;

  return {
    current: () => current,
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    reload,
    stop: async () => {
      unwatch?.();
      await reloading;
      // The server has stopped before: no request holds an old generation any more.
      await Promise.all(retiring);
      await current.engine.stop();
    },
  };
}

const defaultCacheBytes = 256 * 2 ** 20;

function load(options: SupergraphOptions): Promise<Generation>;
function load(options: SupergraphOptions, unlessId: string): Promise<Generation | undefined>;
async function load(options: SupergraphOptions, unlessId?: string): Promise<Generation | undefined> {
  const { source, loadEngine, introspection, documentLimits, subgraphUrls } = options;
  const { operationCacheBytes = defaultCacheBytes } = options;
  // Plans that no operation in use needs any more, but a similar one may soon: they get the smaller part.
  const programBytes = operationCacheBytes / 4;
  const documentBytes = operationCacheBytes - programBytes;
  const supergraph = readSupergraph(await source.read(), { source: source.name, subgraphUrls });
  if (supergraph.id === unlessId) return undefined;
  try {
    // First: what it protects must be understood before anything is started for it.
    const authorizer = createAuthorizer(supergraph, options.authorization);
    const engine = await loadEngine(supergraph, { ...options.parts, programBytes });
    return new Generation(supergraph, engine, { authorizer, introspection, documentLimits, documentBytes });
  } catch (error: unknown) {
    const cause = toError(error);
    throw new SupergraphInvalid(source.name, cause.message).with({ cause });
  }
}

const describe = ({ supergraph }: Generation) => ({
  subgraphs: supergraph.subgraphs.map(({ name }) => name),
});
