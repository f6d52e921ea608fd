import { randomUUID } from 'node:crypto';

import type { FormattedError } from '../../../errors/format-error.ts';
import type { Principal } from '../../../identity/principal.ts';
import type { ConnectionMetrics } from '../../connections/connections.ts';
import type { OperationRequest, RunOperation } from '../../operation-request.ts';
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
export type SocketRequest = Pick<OperationRequest, 'forwardedHeaders' | 'client'> & {
  readonly principal: Principal;
};

/** The operations of one socket, each by the id that its client gave it. */
export class SocketOperations {
  readonly #options: SocketOperationsOptions;
  readonly #running = new Map<string, WsOperation>();
  #principal: Principal | undefined;
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

  async start(id: string, params: unknown, { principal, ...request }: SocketRequest): Promise<void> {
    // It is about to be told to come back: then it asks again.
    if (this.#afterStarts) return;
    const operation = new WsOperation(id, this);
    this.#running.set(id, operation);
    this.#principal = principal;
    this.#starting += 1;
    try {
      const identified = { ...request, params, caller: { principal } };
      await operation.start(this.#options.run, {
        ...identified,
        requestId: randomUUID(),
        traceparent: undefined,
      });
    } finally {
      this.#started();
    }
    if (operation.isSubscription) this.#options.metrics.subscriptionsOpen(1);
    // It was renewed while the operation began.
    if (this.#principal !== principal) operation.refresh(this.#principal);
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

  refresh(principal: Principal): void {
    this.#principal = principal;
    for (const operation of this.#running.values()) operation.refresh(principal);
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
