import type { GraphQLFormattedError } from 'graphql';

import type { CancelSignal } from '../cancellation.ts';
import type { RequestDebug } from '../debug/request-debug.ts';

/** A subgraph, as the supergraph names it. */
export interface SubgraphAddress {
  readonly name: string;
  readonly url: string;
}

/** One fetch of a plan. */
export interface SubgraphRequest {
  /** The whole JSON text: `{"query":"…","variables":{…}}`. */
  readonly body: string;
  readonly operationType: 'query' | 'mutation';
  /** Whether the answer may depend on who asks; otherwise the subgraph is not told. */
  readonly carriesIdentity: boolean;
}

/** What a subgraph said, checked at the top level: there is data, or there are errors. */
export interface SubgraphAnswer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
  readonly extensions?: Record<string, unknown>;
  /** For how long and for whom it holds, as the subgraph's header has it. */
  readonly cacheControl?: string;
}

/** What the fetches of one request have in common. */
export interface FetchContext {
  readonly requestId: string;
  readonly traceparent?: string | undefined;
  /** The value of `tributary-identity` for a subgraph, asked for by the fetches that carry identity. */
  readonly identityFor?: ((subgraph: string) => string | Promise<string>) | undefined;
  /** All of the caller that an answer may depend on: callers of one projection may share answers. `''` = anonymous. */
  readonly identityProjection: string;
  /** Headers of the client that go on to subgraphs; names in lower case. @default none */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * What made the caller ask: an answer that somebody else asked for before may not know of it yet, so only fetches of
   * one occasion are shared. @default none: a client may get what another one asks for at the same time
   */
  readonly occasion?: string | undefined;
  /** Ends the fetch when the client is gone or the request has taken too long. */
  readonly signal: CancelSignal;
  /** Present when a developer wants to see what was fetched. */
  readonly debug?: RequestDebug | undefined;
}
