/** What collects bytes and lets them go when it is told. */
export interface Flushable {
  flush(): void;
}

// Nobody waits longer than this for frames that are to leave together; Node's timers may be a millisecond late.
const betweenFlushesMs = 4;
// Ten thousand sockets take a tenth of a second: whatever else the process does comes in between.
const sliceMs = 8;
const flushesBetweenLooks = 64;

/**
 * Decides when frames leave. The first after a quiet moment leave at the end of the turn in which they were made; while
 * they keep coming, one round of writes is followed by a pause of some milliseconds, and what comes for a socket in that
 * time leaves in one write. A write costs ten times what it costs to put a frame together, most of it in the kernel.
 */
export class FlushSchedule {
  readonly #onFailure: (error: unknown) => void;
  #due: Flushable[] = [];
  #isScheduled = false;
  #notBefore = 0;

  /** @param onFailure told of a flush that threw; the others go on */
  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  /** Has it flushed soon, once for every call. */
  add(flushable: Flushable): void {
    this.#due.push(flushable);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const waitMs = this.#notBefore - performance.now();
    if (waitMs <= 0) setImmediate(this.#run);
    else setTimeout(this.#run, waitMs);
  }

  #run = (): void => {
    const due = this.#due;
    this.#due = [];
    this.#flush(due, 0);
  };

  #flushOne(flushable: Flushable | undefined): void {
    try {
      flushable?.flush();
    } catch (error: unknown) {
      this.#onFailure(error);
    }
  }

  #flush(due: readonly Flushable[], from: number): void {
    const until = performance.now() + sliceMs;
    for (let index = from; index < due.length; index += 1) {
      this.#flushOne(due[index]);
      if (index % flushesBetweenLooks === 0 && performance.now() > until) {
        setImmediate(() => this.#flush(due, index + 1));
        return;
      }
    }
    this.#notBefore = performance.now() + betweenFlushesMs;
    this.#isScheduled = false;
    const next = this.#due;
    this.#due = [];
    for (const flushable of next) this.add(flushable);
  }
}
