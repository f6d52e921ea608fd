import { defineError } from '@tributary/errors';

export interface ConcurrencyLimit {
  /** Pieces of work that run at the same time. */
  readonly maxRunning: number;
  /** Pieces that may wait for one of them to end; more are refused. */
  readonly maxWaiting: number;
}

const TooBusy = defineError(
  'SERVICE_UNAVAILABLE',
  (waiting: number) => `${waiting} requests of this kind are waiting already; try again`,
);

/** Runs a piece of work when it is its turn. */
export type LimitedRun = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Makes a queue for work that is too dear to be done for everybody at once: first come, first served.
 *
 * @example
 * const limited = limitConcurrency({ maxRunning: 2, maxWaiting: 100 });
 * await limited(() => hash(password));
 * @throws {CodedError} SERVICE_UNAVAILABLE, from the run, when the queue is full
 */
export function limitConcurrency({ maxRunning, maxWaiting }: ConcurrencyLimit): LimitedRun {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running === maxRunning) {
      if (waiting.length >= maxWaiting) throw new TooBusy(waiting.length);
      // Whoever ends wakes the next and leaves it their place, so nobody can come in between.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const wakeNext = waiting.shift();
      if (wakeNext) wakeNext();
      else running -= 1;
    }
  };
}
