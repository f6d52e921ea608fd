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

interface Pending<Outcome, Piece> {
  readonly work: Piece;
  hasBegun: boolean;
  done: { readonly outcome: Outcome } | undefined;
  missed: number;
}

/** Runs several pieces of work at a time and delivers them in the order in which they came. */
export class OrderedWork<Outcome, Piece extends Work<Outcome> = Work<Outcome>> {
  readonly #limits: OrderedWorkLimits;
  #pending: Pending<Outcome, Piece>[] = [];
  #running = 0;
  #isStarted: boolean;

  /** @param isStarted whether it runs what is pushed, before it is told to {@link start} */
  constructor(limits: OrderedWorkLimits, isStarted = true) {
    this.#limits = limits;
    this.#isStarted = isStarted;
  }

  /** What is not delivered yet, the oldest first, and how many before each were never begun. */
  get pending(): readonly { readonly work: Piece; readonly missed: number }[] {
    return this.#pending;
  }

  /** @param missed how many pieces before it were never begun elsewhere */
  push(work: Piece, missed = 0): void {
    this.#pending.push({ work, hasBegun: false, done: undefined, missed });
    if (this.#pending.length > this.#limits.maxPending) this.#dropOldest();
    this.#begin();
  }

  start(): void {
    this.#isStarted = true;
    this.#begin();
  }

  /** Forgets what is not delivered. */
  clear(): void {
    this.#pending = [];
  }

  #begin(): void {
    if (!this.#isStarted) return;
    for (const pending of this.#pending) {
      if (this.#running >= this.#limits.maxConcurrent) return;
      if (!pending.hasBegun) void this.#run(pending);
    }
  }

  async #run(pending: Pending<Outcome, Piece>): Promise<void> {
    pending.hasBegun = true;
    this.#running += 1;
    pending.done = { outcome: await pending.work.run() };
    this.#running -= 1;
    this.#deliver();
    this.#begin();
  }

  #deliver(): void {
    for (let [first] = this.#pending; first?.done; [first] = this.#pending) {
      this.#pending.shift();
      first.work.deliver(first.done.outcome, first.missed);
    }
  }

  /** The newest stays: whoever gets it learns that there were others. */
  #dropOldest(): void {
    const index = this.#pending.findIndex(({ hasBegun }) => !hasBegun);
    const next = this.#pending[index + 1];
    const [dropped] = next ? this.#pending.splice(index, 1) : [];
    if (next && dropped) next.missed += dropped.missed + 1;
  }
}
