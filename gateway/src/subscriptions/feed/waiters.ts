import type { CancelSignal } from '../../cancellation.ts';
import { untilAborted } from '../../until-aborted.ts';

interface Waiter {
  readonly isMet: () => boolean;
  readonly resolve: () => void;
}

/** Those who wait for something; whoever leaves is forgotten at once, though it may never come. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();

  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Resolves at the first {@link wake} that finds it met, or at once.
   *
   * @throws the signal's reason, when it aborts before
   */
  async until(isMet: () => boolean, signal: CancelSignal): Promise<void> {
    signal.throwIfAborted();
    if (isMet()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiter: Waiter = { isMet, resolve };
    this.#waiting.add(waiter);
    await untilAborted(promise, signal).finally(() => this.#waiting.delete(waiter));
  }

  /** Lets those go on who have what they wait for. */
  wake(): void {
    for (const { isMet, resolve } of this.#waiting) if (isMet()) resolve();
  }
}
