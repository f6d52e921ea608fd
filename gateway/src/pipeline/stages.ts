import type { IncomingMessage, ServerResponse } from 'node:http';

import type { KeyedRefusals } from '../authorization/create-authorizer.ts';
import type { CancelSignal } from '../cancellation.ts';
import type { Cleanup } from '../cleanup.ts';
import type { RequestDebug } from '../debug/request-debug.ts';
import type { EngineAnswer, ExecutableOperation } from '../engine/engine.ts';
import type { ClientInfo } from '../http/client-info.ts';
import type { IncrementalSpec, ResponseMediaType } from '../http/media-type.ts';
import type { CallerSource } from '../identity/caller-verifier.ts';
import type { Principal } from '../identity/principal.ts';
import type { Operation } from '../operations/prepare-document.ts';
import type { Generation } from '../supergraph/generation.ts';

/** A stage takes what the stages before it found out and adds what it is there for, or refuses by throwing. */
export type Stage<In, Out> = (input: In) => Out | Promise<Out>;

/** The stages in their order, as metrics name them. */
export const stageNames = [
  'accept',
  'identify',
  'document',
  'authorize',
  'plan',
  'execute',
  'write',
] as const;
export type StageName = (typeof stageNames)[number];

/** How long a request spent in each of the {@link stageNames}, in their order. */
export interface StageTimes {
  /** Milliseconds, waiting included; -1 for a stage that the request did not come to. */
  readonly stagesMs: readonly number[];
}

/** A call for an answer, by whatever transport. */
export interface Call {
  readonly requestId: string;
  /** https://www.w3.org/TR/trace-context/#traceparent-header */
  readonly traceparent: string | undefined;
  /** Aborted with the reason: the client is gone, or the time is up. */
  readonly signal: CancelSignal;
  /** Run when the answer is written or given up. */
  readonly cleanup: Cleanup;
  /** Whether the client takes an answer in parts; otherwise `@defer` means nothing. */
  readonly defers: boolean;
  /** Present when a developer wants to see how the answer came about. */
  readonly debug: RequestDebug | undefined;
}

/** A call by HTTP. Only the first stage and the last know it as such. */
export interface Exchange extends Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The parameters, where they had to be read to know how to answer; otherwise they are still to be read. */
  readonly params?: Promise<GraphQLParams> | undefined;
  /** `undefined` when the client takes no whole answer that we could give. */
  readonly mediaType: ResponseMediaType | undefined;
  /** How the client reads an answer in parts; `undefined` when it does not. */
  readonly incrementalSpec: IncrementalSpec | undefined;
}

/** A call by a transport that holds a connection open. */
export interface RemoteCall extends Call {
  readonly client: ClientInfo;
}

/** The parameters of a GraphQL request, from whatever transport. */
export interface GraphQLParams {
  readonly query: string;
  readonly operationName: string | null | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly extensions: Readonly<Record<string, unknown>>;
}

export interface Accepted {
  readonly call: Call;
  readonly params: GraphQLParams;
  /** The Authorization header, or what stands for it in another transport. */
  readonly authorization: string | undefined;
  /** What says who asks, beside that. @default nothing */
  readonly source?: CallerSource;
  /** The headers that go on to subgraphs. */
  readonly forwardedHeaders: Readonly<Record<string, string>> | undefined;
  /** True where nothing may be changed: a GET is repeated, cached and followed by whoever sees its URL. */
  readonly isReadOnly: boolean;
  /** Whether any number of results may follow each other. @default false */
  readonly streams?: boolean;
}

export interface Identified extends Accepted {
  readonly principal: Principal;
}

export interface Documented extends Identified {
  readonly generation: Generation;
  readonly operation: Operation;
  /** The variables as values of their types, with defaults. */
  readonly coercedVariables: Readonly<Record<string, unknown>>;
}

export interface Authorized extends Documented {
  /** What of the operation this caller may not see; `undefined` when there is nothing. */
  readonly refusals: KeyedRefusals | undefined;
}

export interface Planned extends Authorized {
  readonly executable: ExecutableOperation;
}

export interface Executed extends Planned {
  readonly answer: EngineAnswer;
}

/** How far a request came; `error` is what stopped it. */
export interface Outcome {
  readonly exchange: Exchange;
  readonly reached: Partial<Executed>;
  readonly error?: unknown;
}

/** What was sent, for those who watch. */
export interface Written {
  readonly status: number;
  /** Of the body as it was sent; 0 when nothing was. */
  readonly bytes: number;
  /** One for each error of the answer. */
  readonly codes: readonly string[];
}
