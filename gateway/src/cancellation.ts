/** What is called when something is cancelled. */
export type AbortListener = (() => void) | { handleEvent(): void };

/** What this gateway uses of an `AbortSignal`: every `AbortSignal` is one, and so is a {@link Cancellation}. */
export interface CancelSignal extends Pick<AbortSignal, 'aborted' | 'throwIfAborted'> {
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: AbortListener): void;
  removeEventListener(type: 'abort', listener: AbortListener): void;
}

/**
 * An `AbortController` and its signal in one. Every request needs one and every fetch listens to it, and the events of
 * the platform take longer than all that a small request has to wait for.
 */
export class Cancellation implements CancelSignal {
  #reason: Error | undefined;
  #listeners: AbortListener[] = [];

  get aborted(): boolean {
    return this.#reason !== undefined;
  }

  get reason(): Error | undefined {
    return this.#reason;
  }

  /** Tells those who listen; a second time changes nothing. */
  abort(reason: Error): void {
    if (this.#reason) return;
    this.#reason = reason;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) {
      if (typeof listener === 'function') listener();
      else listener.handleEvent();
    }
  }

  throwIfAborted(): void {
    if (this.#reason) throw this.#reason;
  }

  /** Whoever comes too late is not called. */
  addEventListener(_: 'abort', listener: AbortListener): void {
    if (!this.#reason) this.#listeners.push(listener);
  }

  removeEventListener(_: 'abort', listener: AbortListener): void {
    // The last to come is mostly the first to leave.
    const index = this.#listeners.lastIndexOf(listener);
    if (index !== -1) this.#listeners.splice(index, 1);
  }
}
