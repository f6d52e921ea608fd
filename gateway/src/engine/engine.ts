import type { ExecutionResult, GraphQLSchema } from 'graphql';
import type { Logger } from '@tributary/telemetry';

import type { Operation } from '../operations/prepare-document.ts';
import type { FetchContext, SubgraphClient } from '../subgraph-client/subgraph-client.ts';
import type { Supergraph } from '../supergraph/read-supergraph.ts';

/** One request, as an engine sees it: no HTTP, no settings. */
export interface EngineRequest {
  readonly operation: Operation;
  readonly variables: Readonly<Record<string, unknown>>;
  /** What every fetch of this request carries, and the signal that ends it. */
  readonly fetchContext: FetchContext;
}

/** Runs the operations of one supergraph; a new supergraph gets a new engine. */
export interface Engine {
  /** What clients may ask for: the supergraph without what is inaccessible. */
  readonly schema: GraphQLSchema;
  /** Plans and executes. Expected failures are errors of the result; a rejection is a mistake of ours. */
  execute(request: EngineRequest): Promise<ExecutionResult>;
  stop(): Promise<void>;
}

export interface EngineParts {
  readonly subgraphClient: SubgraphClient;
  readonly logger: Logger;
}

/** Makes an engine for a supergraph, or throws when it cannot serve it. */
export type LoadEngine = (supergraph: Supergraph, parts: EngineParts) => Promise<Engine>;
