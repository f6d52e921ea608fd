import type { CancelSignal } from '../cancellation.ts';
import type { ClientInfo } from '../http/client-info.ts';
import type { Principal } from '../identity/principal.ts';
import type { SubscriberSink } from './subscriber-sink.ts';

/** One operation by a transport that is not a plain HTTP request. */
export interface OperationRequest {
  /** `{ query, operationName, variables, extensions }` as the client sent it, unchecked. */
  readonly params: unknown;
  /** The caller, verified for the connection; or what stands for the Authorization header, to be verified. */
  readonly caller: { readonly principal: Principal } | { readonly authorization: string | undefined };
  /** True where nothing may be changed: a GET is repeated, and followed by whoever sees its URL. @default false */
  readonly isReadOnly?: boolean;
  /** The headers that go on to subgraphs. */
  readonly forwardedHeaders: Readonly<Record<string, string>> | undefined;
  readonly requestId: string;
  readonly traceparent: string | undefined;
  /** Aborted when the client is gone: the operation ends, and its sink hears nothing more. */
  readonly signal: CancelSignal;
  /** Who is at the other end: the same object for all operations of a connection. */
  readonly client: ClientInfo;
}

/** Somebody with a new token, and the headers that go on to subgraphs from then on. */
export interface RenewedCaller {
  readonly principal: Principal;
  readonly forwardedHeaders: Readonly<Record<string, string>> | undefined;
}

/** An operation that a transport has begun. */
export interface SubscriptionHandle {
  /** Whether results may still come; a query's one result was given to the sink before the handle is there. */
  readonly isOpen: boolean;
  /** The sink takes results again after it has said no. */
  resumeReading(): void;
  /** The connection has another token of the same user: the subscription goes on as this one may. */
  refresh(caller: RenewedCaller): void;
  /** The client wants no more, or has left. The sink hears nothing after it; a second call does nothing. */
  stop(): void;
}

/**
 * Runs an operation for a transport: one result and the end for a query or a mutation, any number for a subscription. A
 * refusal is an error of the sink. It does not reject.
 */
export type RunOperation = (request: OperationRequest, sink: SubscriberSink) => Promise<SubscriptionHandle>;
