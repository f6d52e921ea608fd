import { Cancellation } from '../../../cancellation.ts';
import type { FormattedError } from '../../../errors/format-error.ts';
import type {
  OperationRequest,
  RenewedCaller,
  RunOperation,
  SubscriptionHandle,
} from '../../operation-request.ts';
import type { SharedResult, SubscriberSink } from '../../subscriber-sink.ts';
import type { Outbox } from '../outbox.ts';
import { nextPrefix } from './frame.ts';

/** What an operation tells those that it is one of. */
export interface OperationOwner {
  readonly outbox: Outbox;
  /** It is over; the message says so to the client. */
  ended(operation: WsOperation, message: object): void;
}

/** One operation of a socket, from its `subscribe` to the `complete` or `error` that ends it. */
export class WsOperation implements SubscriberSink {
  readonly id: string;
  /** Whether it goes on after it began. */
  isSubscription = false;
  readonly #owner: OperationOwner;
  readonly #outbox: Outbox;
  readonly #prefix: Buffer;
  readonly #cancellation = new Cancellation();
  #handle: SubscriptionHandle | undefined;
  #isPaused = false;
  // It was told to wait and to go on before it could be told anything.
  #hasRoomAgain = false;
  #isOver = false;

  constructor(id: string, owner: OperationOwner) {
    this.id = id;
    this.#owner = owner;
    this.#outbox = owner.outbox;
    this.#prefix = nextPrefix(id);
  }

  /** Resolves when it is open or over: from then on nothing is lost when the socket closes. */
  async start(run: RunOperation, request: Omit<OperationRequest, 'signal'>): Promise<void> {
    const handle = await run({ ...request, signal: this.#cancellation }, this);
    if (this.#isOver) {
      handle.stop();
      return;
    }
    this.#handle = handle;
    if (this.#hasRoomAgain) handle.resumeReading();
    this.isSubscription = handle.isOpen;
  }

  next({ bytes }: SharedResult): boolean {
    if (this.#isOver) return true;
    this.#isPaused = !this.#outbox.push(this.#prefix, bytes);
    return !this.#isPaused;
  }

  end(): void {
    this.#finish({ id: this.id, type: 'complete' });
  }

  error(errors: readonly FormattedError[]): void {
    this.#finish({ id: this.id, type: 'error', payload: errors.map(({ formatted }) => formatted) });
  }

  #finish(message: object): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#owner.ended(this, message);
  }

  /** There is room again in what the socket has to send. */
  resumeReading(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (this.#handle) this.#handle.resumeReading();
    else this.#hasRoomAgain = true;
  }

  refresh(caller: RenewedCaller): void {
    this.#handle?.refresh(caller);
  }

  /** The client wants no more of it, or is gone. */
  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#letGo('The client is gone');
  }

  /** The client may not have it any more. */
  revoke(errors: readonly FormattedError[]): void {
    this.error(errors);
    this.#letGo('The client lost its rights');
  }

  #letGo(reason: string): void {
    this.#handle?.stop();
    this.#cancellation.abort(new Error(reason));
  }
}
