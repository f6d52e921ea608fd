import { toError } from '@tributary/errors';

import type { CancelSignal } from '../cancellation.ts';
import type { SubgraphAnswer } from './subgraph-request.ts';

/** What a caller waits for. */
interface Leavable {
  /** Ends the wait of one caller; without a reason, its time is up. */
  leave(caller: FlightCaller, reason: Error | undefined): void;
}

/** Someone who waits for a flight. As its own listener and timer argument, it needs no closures. */
export class FlightCaller {
  readonly resolve: (answer: SubgraphAnswer) => void;
  readonly reject: (error: Error) => void;
  readonly #flight: Leavable;
  readonly #signal: CancelSignal;
  readonly #timer: NodeJS.Timeout;

  constructor(
    flight: Leavable,
    signal: CancelSignal,
    timeoutMs: number,
    resolve: (answer: SubgraphAnswer) => void,
    reject: (error: Error) => void,
  ) {
    this.resolve = resolve;
    this.reject = reject;
    this.#flight = flight;
    this.#signal = signal;
    this.#timer = setTimeout(FlightCaller.#onDeadline, timeoutMs, this);
    signal.addEventListener('abort', this);
  }

  /** The signal has fired. */
  handleEvent(): void {
    this.#flight.leave(this, toError(this.#signal.reason));
  }

  /** Waits for nothing any more. */
  rest(): void {
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this);
  }

  static #onDeadline(this: void, caller: FlightCaller): void {
    caller.#flight.leave(caller, undefined);
  }
}
