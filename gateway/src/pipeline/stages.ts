import type { IncomingMessage, ServerResponse } from 'node:http';

import type { ExecutionResult } from 'graphql';

import type { Cleanup } from '../cleanup.ts';
import type { ResponseMediaType } from '../http/media-type.ts';
import type { Principal } from '../identity/principal.ts';
import type { Operation } from '../operations/prepare-document.ts';
import type { Generation } from '../supergraph/generation.ts';

/** A stage takes what the stages before it found out and adds what it is there for, or refuses by throwing. */
export type Stage<In, Out> = (input: In) => Out | Promise<Out>;

/** One HTTP request and all that ends with it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** `undefined` when the client takes no answer that we could give. */
  readonly mediaType: ResponseMediaType | undefined;
  /** Aborted with the reason: the client is gone, the time is up, or the gateway stops. */
  readonly signal: AbortSignal;
  /** Run when the answer is written or given up. */
  readonly cleanup: Cleanup;
}

/** The parameters of a GraphQL request, from whatever transport. */
export interface GraphQLParams {
  readonly query: string;
  readonly operationName: string | null | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly extensions: Readonly<Record<string, unknown>>;
}

export interface Accepted {
  readonly exchange: Exchange;
  readonly params: GraphQLParams;
}

export interface Identified extends Accepted {
  readonly principal: Principal;
}

export interface Documented extends Identified {
  readonly generation: Generation;
  readonly operation: Operation;
}

export interface Executed extends Documented {
  readonly result: ExecutionResult;
}

/** How far a request came; `error` is what stopped it. */
export interface Outcome {
  readonly reached: Pick<Executed, 'exchange'> & Partial<Executed>;
  readonly error?: unknown;
}

/** What was sent, for those who watch. */
export interface Written {
  readonly status: number;
  /** One for each error of the answer. */
  readonly codes: readonly string[];
}
