import type { FormattedError } from '../errors/format-error.ts';
import type { Principal } from '../identity/principal.ts';

/** One whole execution result, made once for all who asked for the same. */
export interface SharedResult {
  /** UTF-8 of `{"data":…,"extensions":{"event":{"cursor":"…"}}}`; never changed after it was handed out. */
  readonly bytes: Buffer;
  /** From where a client resumes that has seen this result; `undefined` where nothing can be resumed. */
  readonly cursor: string | undefined;
}

/**
 * What a transport is for an operation. It is called in order, never after `end` or `error`, and not before
 * {@link RunOperation} was called.
 */
export interface SubscriberSink {
  /** False when it takes no more until it calls `resumeReading`; what comes before that is taken all the same. */
  next(result: SharedResult): boolean;
  /** There will be no more, and all went well. */
  end(): void;
  /** There will be no more, because of these. */
  error(errors: readonly FormattedError[]): void;
}

/** What a transport can do about an operation that runs. */
export interface SubscriptionHandle {
  /** The sink takes results again. */
  resumeReading(): void;
  /** The caller's token was renewed: the same caller, perhaps with other rights, until another time. */
  renew(principal: Principal): void;
  /** The client left; a second call has nothing to do. The sink is not called any more. */
  stop(): void;
}

/** Who calls, for logs and limits. */
export interface OperationClient {
  readonly ip: string | undefined;
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly userAgent: string | undefined;
}

/** One operation by a transport that streams. */
export interface OperationRequest {
  readonly transport: 'ws' | 'sse' | 'multipart';
  /** As the client sent it, with its types unchecked: `{ query, operationName?, variables?, extensions? }`. */
  readonly params: unknown;
  /** Who asks, where the transport has verified it already; otherwise `authorization` says it. */
  readonly principal?: Principal | undefined;
  /** The value of an Authorization header; `undefined` is a caller without one. */
  readonly authorization?: string | undefined;
  /** True where nothing may be changed: a GET is repeated and followed by whoever sees its URL. */
  readonly isReadOnly: boolean;
  /** The headers that go on to subgraphs. */
  readonly forwardedHeaders: Readonly<Record<string, string>> | undefined;
  readonly requestId: string;
  readonly traceparent: string | undefined;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  readonly client: OperationClient;
}

/**
 * Runs an operation through the stages that one by HTTP goes through. A query or a mutation is one `next` and an `end`; a
 * subscription is opened; whatever is refused is one `error`, and the handle then has nothing to do. Never rejects.
 */
export type RunOperation = (request: OperationRequest, sink: SubscriberSink) => Promise<SubscriptionHandle>;
