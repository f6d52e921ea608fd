/** Ends a turn. */
export type EndTurn = () => void;

interface Waiting {
  readonly begin: () => void;
}

/**
 * Lets a few work at a time, and of those who belong together one, each of them in turn: whoever asks for much waits
 * behind himself and not before others.
 */
export class Turns {
  readonly #maxRunning: number;
  /** Who may be next, the one who has waited longest first. */
  readonly #ready = new Map<object, Set<Waiting>>();
  /** Whose turn it is, with what else they ask for. */
  readonly #running = new Map<object, Set<Waiting>>();

  constructor(maxRunning: number) {
    this.#maxRunning = maxRunning;
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return [...this.#ready.values(), ...this.#running.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Resolves when it is the turn of one, with how to end it.
   *
   * @throws the signal's reason, when it aborts before
   */
  take(who: object, signal?: AbortSignal): Promise<EndTurn> {
    const { promise, resolve, reject } = Promise.withResolvers<EndTurn>();
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    const queue = this.#running.get(who) ?? this.#ready.get(who) ?? new Set();
    if (queue.size === 0 && !this.#running.has(who)) this.#ready.set(who, queue);
    const onAbort = () => {
      queue.delete(waiting);
      if (queue.size === 0 && this.#ready.get(who) === queue) this.#ready.delete(who);
      reject(signal?.reason as Error);
    };
    const waiting: Waiting = {
      begin: () => {
        signal?.removeEventListener('abort', onAbort);
        resolve(this.#endOf(who));
      },
    };
    queue.add(waiting);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#begin();
    return promise;
  }

  #begin(): void {
    for (const [who, queue] of this.#ready) {
      if (this.#running.size >= this.#maxRunning) return;
      this.#ready.delete(who);
      this.#running.set(who, queue);
      const [next] = queue;
      if (!next) continue;
      queue.delete(next);
      next.begin();
    }
  }

  #endOf(who: object): EndTurn {
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      // In a later turn of the event loop: what else this process does comes first.
      setImmediate(() => this.#end(who));
    };
  }

  #end(who: object): void {
    const queue = this.#running.get(who);
    this.#running.delete(who);
    if (queue && queue.size > 0) this.#ready.set(who, queue);
    this.#begin();
  }
}
