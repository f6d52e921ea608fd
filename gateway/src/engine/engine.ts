import type { GraphQLError, GraphQLSchema } from 'graphql';
import type { Logger } from '@tributary/telemetry';

import type { Operation } from '../operations/prepare-document.ts';
import type {
  FetchContext,
  SubgraphAddress,
  SubgraphAnswer,
  SubgraphClient,
} from '../subgraph-client/subgraph-client.ts';
import type { Supergraph } from '../supergraph/read-supergraph.ts';
import type { Refusals } from './answer/refusals.ts';
import type { EventOutcome, EventSubject } from './program/fetch-event.ts';

/** An operation as one kind of caller may run it. Each combination is planned once. */
export interface PlanRequest {
  readonly operation: Operation;
  /** What the caller may not see; the key tells callers apart who may not see different things. @default nothing */
  readonly refusals?: (Refusals & { readonly key: string }) | undefined;
  /** The labels of `@override` that are on for this request. @default none */
  readonly overrideLabels?: readonly string[] | undefined;
  /** Whether the client takes an answer in parts; otherwise `@defer` means nothing. @default false */
  readonly defers?: boolean | undefined;
  /** Tells clients apart who wait for plans, by whatever name; asked only where there is none yet. @default nobody in particular */
  readonly client?: (() => string) | undefined;
}

/** One run of an operation, as an engine sees it: no HTTP, no settings. */
export interface ExecutionRequest {
  /** As the client sent them, checked. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** The same as values of their types, with the defaults of the operation. */
  readonly coercedVariables: Readonly<Record<string, unknown>>;
  /** What every fetch of this request carries, and the signal that ends it. */
  readonly fetchContext: FetchContext;
}

/** A part of an answer. */
export interface AnswerText {
  /** The JSON text of `data`; `null` when nothing was left of it. */
  readonly data: string;
  readonly errors: readonly GraphQLError[];
}

/** What is still to come: one fragment of one object. It is known by its identity, since labels may be missing. */
export interface DeferredPart {
  /** Where the object stands in the whole answer. */
  readonly path: readonly (string | number)[];
  /** What the client calls the fragment. */
  readonly label: string | undefined;
}

/** What a deferred part came to. */
export interface DeferredAnswer extends AnswerText {
  readonly part: DeferredPart;
  /** What is found to be deferred within it; empty for most. */
  readonly deferred: readonly DeferredPart[];
}

/** What came of a run. */
export interface EngineAnswer extends AnswerText {
  /** What is still to come; absent where nothing was deferred. */
  readonly deferred?: readonly DeferredPart[] | undefined;
  /**
   * Delivers the deferred parts, in lists of what is ready at the same time; present with {@link deferred}. It must be read
   * to its end or returned.
   */
  readonly later?: AsyncIterableIterator<readonly DeferredAnswer[]> | undefined;
}

/** An operation that is ready to run, any number of times. */
export interface ExecutableOperation {
  /**
   * Expected failures are errors of the answer; a rejection is a mistake of ours, or the reason of the signal that ended
   * the request: nobody waits longer than that.
   */
  execute(request: ExecutionRequest): Promise<EngineAnswer>;
  /** Present for a subscription with something to listen to. */
  readonly subscription?: ExecutableSubscription | undefined;
}

/** One event, as an engine sees it. */
export interface EventRequest extends ExecutionRequest {
  /** What the event is about. */
  readonly subject: EventSubject;
  /** Tells every subgraph who asks, for an event that is not for everybody. @default false */
  readonly identifies?: boolean;
}

/** What an event was answered with, or why it was not. */
export type EventAnswer = EventAnswerText | Exclude<EventOutcome, 'taken' | 'unreachable'>;

export interface EventAnswerText extends AnswerText {
  /** Nothing is known of the entity since its subgraph could not be reached; it may be a moment later. */
  readonly isUnreachable?: boolean;
}

/** A subscription that is ready to answer its events, any number of them. */
export interface ExecutableSubscription {
  /** Whether some fetch tells a subgraph who asks: only callers of one identity may then share an answer. */
  readonly carriesIdentity: boolean;
  /** Where the field is resolved. */
  readonly subgraph: SubgraphAddress;
  /** Answers an event of the log. Rejections are those of {@link ExecutableOperation.execute}. */
  answerEvent(request: EventRequest): Promise<EventAnswer>;
  /** The JSON text of the operation that subscribes at the subgraph, where no event of the log is meant. */
  sourceBody(request: Pick<ExecutionRequest, 'variables' | 'coercedVariables'>): string;
  /** Answers with what the subgraph published. */
  answerResult(result: SubgraphAnswer, request: ExecutionRequest): Promise<AnswerText>;
}

/** Runs the operations of one supergraph; a new supergraph gets a new engine. */
export interface Engine {
  /** What clients may ask for: the supergraph without what is inaccessible. */
  readonly schema: GraphQLSchema;
  /** Whether its operations may be subscriptions. @default false */
  readonly subscribes?: boolean;
  /** The labels of `@override` that an operation depends on. */
  overrideLabelsOf(operation: Operation): readonly string[];
  /**
   * Makes an operation ready. What was asked for before is there at once, and is not waited for.
   *
   * @throws {OperationTooComplex} for an operation that cannot be planned within the limits
   */
  plan(request: PlanRequest): ExecutableOperation | Promise<ExecutableOperation>;
  /** Roughly what was made of an operation so far, in bytes of memory. @default nothing is kept */
  bytesOf?(operation: Operation): number;
  stop(): Promise<void>;
}

/** All of the client that an engine needs. */
export type SubgraphFetcher = Pick<SubgraphClient, 'fetch'>;

export interface PlanningLimits {
  /** Threads for operations that plan quickly; those of hard ones come on top. */
  readonly workers: number;
  /** How long one operation may be planned. */
  readonly deadlineMs: number;
  /** Of one thread. */
  readonly heapMb: number;
}

export interface EngineParts {
  readonly subgraphClient: SubgraphFetcher;
  readonly logger: Logger;
  /** Keeps what a developer may ask to see, such as plans. @default false */
  readonly isDevelopment?: boolean;
  /** Roughly what an engine may keep of plans that no operation in use needs. @default 64 MiB */
  readonly programBytes?: number;
  /** What planning may take. @default the planner's own */
  readonly planning?: PlanningLimits;
}

/** Makes an engine for a supergraph, or throws when it cannot serve it. */
export type LoadEngine = (supergraph: Supergraph, parts: EngineParts) => Promise<Engine>;
