import { randomUUID } from 'node:crypto';

import type { FormattedError } from '../../../errors/format-error.ts';
import type { ConnectionMetrics } from '../../connections/connections.ts';
import type { OperationRequest, RenewedCaller, RunOperation } from '../../operation-request.ts';
import type { Outbox } from '../outbox.ts';
import { WsOperation } from './ws-operation.ts';

export interface SocketOperationsOptions {
  readonly run: RunOperation;
  readonly outbox: Outbox;
  readonly metrics: Pick<ConnectionMetrics, 'subscriptionsOpen'>;
  /** Sends a message to the client, unless it is on its way out. */
  readonly send: (message: object) => void;
}

/** What is the same for all operations of a socket at one moment. */
export type SocketRequest = Pick<OperationRequest, 'client'> & { readonly caller: RenewedCaller };

/** The operations of one socket, each by the id that its client gave it. */
export class SocketOperations {
  readonly #options: SocketOperationsOptions;
  readonly #running = new Map<string, WsOperation>();
  #caller: RenewedCaller | undefined;
  #idleSince = Date.now();
  #starting = 0;
  #afterStarts: (() => void) | undefined;

  constructor(options: SocketOperationsOptions) {
    this.#options = options;
  }

  get outbox(): Outbox {
    return this.#options.outbox;
  }

  get size(): number {
    return this.#running.size;
  }

  /** For how long nothing has run. */
  idleMs(now: number): number {
    return this.#running.size > 0 ? 0 : now - this.#idleSince;
  }

  has(id: string): boolean {
    return this.#running.has(id);
  }

  /** Calls back when none is about to begin, nor on its way to its one answer; until then no other begins. */
  afterStarts(callBack: () => void): void {
    if (this.#starting === 0) callBack();
    else this.#afterStarts = callBack;
  }

  async start(id: string, params: unknown, { caller, client }: SocketRequest): Promise<void> {
    // It is about to be told to come back: then it asks again.
    if (this.#afterStarts) return;
    const operation = new WsOperation(id, this);
    this.#running.set(id, operation);
    this.#caller = caller;
    this.#starting += 1;
    try {
      await operation.start(this.#options.run, {
        params,
        caller: { principal: caller.principal },
        forwardedHeaders: caller.forwardedHeaders,
        client,
        requestId: randomUUID(),
        traceparent: undefined,
      });
    } finally {
      this.#started();
    }
    if (operation.isSubscription) this.#options.metrics.subscriptionsOpen(1);
    // It was renewed while the operation began.
    if (this.#caller !== caller) operation.refresh(this.#caller);
  }

  #started(): void {
    this.#starting -= 1;
    if (this.#starting === 0) this.#afterStarts?.();
  }

  /** The client wants no more of it; one that is not there is no mistake: it may just have ended. */
  complete(id: string): void {
    const operation = this.#running.get(id);
    if (operation) this.#stop(operation);
  }

  /** Called by the operation. */
  ended(operation: WsOperation, message: object): void {
    this.#forget(operation);
    this.#options.send(message);
  }

  refresh(caller: RenewedCaller): void {
    this.#caller = caller;
    for (const operation of this.#running.values()) operation.refresh(caller);
  }

  resumeReading(): void {
    for (const operation of this.#running.values()) operation.resumeReading();
  }

  /** Ends each, and tells the client why. */
  revokeAll(errors: readonly FormattedError[]): void {
    for (const operation of this.#running.values()) operation.revoke(errors);
  }

  stopAll(): void {
    for (const operation of this.#running.values()) this.#stop(operation);
  }

  #stop(operation: WsOperation): void {
    this.#forget(operation);
    operation.stop();
  }

  #forget(operation: WsOperation): void {
    if (this.#running.get(operation.id) !== operation) return;
    this.#running.delete(operation.id);
    if (operation.isSubscription) this.#options.metrics.subscriptionsOpen(-1);
    this.#idleSince = Date.now();
  }
}
