/** A piece of work whose outcome has its place in an order. */
export interface Work<Outcome> {
  /** Ascending, in the order in which it is pushed. */
  readonly index: number;
  /** Does not reject. */
  run(): Promise<Outcome>;
  /** @param missed how many pieces before it were never begun */
  deliver(outcome: Outcome, missed: number): void;
}

export interface OrderedWorkLimits {
  /** How many are under way at a time. */
  readonly maxConcurrent: number;
  /** Beyond this, the oldest that has not begun never will. */
  readonly maxPending: number;
}

interface Pending<Outcome> {
  readonly work: Work<Outcome>;
  hasBegun: boolean;
  done: { readonly outcome: Outcome } | undefined;
  missed: number;
}

/** Runs several pieces of work at a time and delivers them in the order in which they came. */
export class OrderedWork<Outcome> {
  readonly #limits: OrderedWorkLimits;
  readonly #onProgress: () => void;
  #pending: Pending<Outcome>[] = [];
  #running = 0;
  #isGated = false;

  /** @param onProgress told whenever something may have been delivered */
  constructor(limits: OrderedWorkLimits, onProgress: () => void) {
    this.#limits = limits;
    this.#onProgress = onProgress;
  }

  /** The index of the oldest that is not delivered; `Infinity` when all are. */
  get oldest(): number {
    return this.#pending[0]?.work.index ?? Infinity;
  }

  push(work: Work<Outcome>): void {
    this.#pending.push({ work, hasBegun: false, done: undefined, missed: 0 });
    if (this.#pending.length > this.#limits.maxPending) this.#dropOldest();
    this.#begin();
  }

  /** Delivers nothing before the gate has opened. */
  async waitFor(gate: Promise<void>): Promise<void> {
    this.#isGated = true;
    await gate;
    this.#isGated = false;
    this.#deliver();
  }

  /** Forgets what is not delivered. */
  clear(): void {
    this.#pending = [];
  }

  #begin(): void {
    for (const pending of this.#pending) {
      if (this.#running >= this.#limits.maxConcurrent) return;
      if (!pending.hasBegun) void this.#run(pending);
    }
  }

  async #run(pending: Pending<Outcome>): Promise<void> {
    pending.hasBegun = true;
    this.#running += 1;
    pending.done = { outcome: await pending.work.run() };
    this.#running -= 1;
    this.#deliver();
    this.#begin();
  }

  #deliver(): void {
    while (!this.#isGated) {
      const [first] = this.#pending;
      if (!first?.done) break;
      this.#pending.shift();
      first.work.deliver(first.done.outcome, first.missed);
    }
    this.#onProgress();
  }

  /** The newest stays: whoever gets it learns that there were others. */
  #dropOldest(): void {
    const index = this.#pending.findIndex(({ hasBegun }) => !hasBegun);
    const next = this.#pending[index + 1];
    const [dropped] = next ? this.#pending.splice(index, 1) : [];
    if (next && dropped) next.missed += dropped.missed + 1;
  }
}
