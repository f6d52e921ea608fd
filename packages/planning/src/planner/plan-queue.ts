import type { QueryPlan } from '@apollo/query-planner';

import type { PlannerOptions, PlanRequest } from './planner.ts';
import { PlanningError } from './planning-error.ts';

/** One request from its arrival to its answer. */
export class PlanJob {
  readonly request: PlanRequest;
  readonly signal: AbortSignal | undefined;
  readonly answer = Promise.withResolvers<QueryPlan>();
  /** It has taken long before, so it must not stand in the way of others. */
  isHard = false;

  constructor(request: PlanRequest, signal?: AbortSignal) {
    this.request = request;
    this.signal = signal;
  }
}

/** How one waiting job is let go of. */
type Release = () => void;

/** Jobs that wait for a thread, in the order of their arrival, each for a bounded time. */
export class PlanQueue {
  readonly #waiting = new Map<PlanJob, Release>();
  readonly #limits: Required<Pick<PlannerOptions, 'maxQueued' | 'maxWaitMs'>>;

  constructor(limits: Required<Pick<PlannerOptions, 'maxQueued' | 'maxWaitMs'>>) {
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Lets a job wait; it fails when it waits too long, when it is one too many, and when its caller leaves. */
  add(job: PlanJob): void {
    const { maxQueued, maxWaitMs } = this.#limits;
    if (this.#waiting.size >= maxQueued) return job.answer.reject(tooMany(maxQueued));
    if (job.signal?.aborted) return job.answer.reject(job.signal.reason);
    const fail = (reason: unknown): void => {
      this.#remove(job);
      job.answer.reject(reason);
    };
    const timer = setTimeout(() => fail(waitedTooLong(maxWaitMs)), maxWaitMs);
    const onAbort = (): void => fail(job.signal?.reason);
    job.signal?.addEventListener('abort', onAbort);
    this.#waiting.set(job, () => {
      clearTimeout(timer);
      job.signal?.removeEventListener('abort', onAbort);
    });
  }

  /** The first job that may start; it waits no longer. */
  take(mayStart: (job: PlanJob) => boolean): PlanJob | undefined {
    for (const job of this.#waiting.keys()) {
      if (!mayStart(job)) continue;
      this.#remove(job);
      return job;
    }
    return undefined;
  }

  /** Fails all that wait. */
  clear(reason: Error): void {
    for (const job of this.#waiting.keys()) {
      this.#remove(job);
      job.answer.reject(reason);
    }
  }

  #remove(job: PlanJob): void {
    this.#waiting.get(job)?.();
    this.#waiting.delete(job);
  }
}

const tooMany = (maxQueued: number): PlanningError =>
  new PlanningError(
    'busy',
    `Expected at most ${maxQueued} operations to wait for planning, but one more came`,
  );

const waitedTooLong = (maxWaitMs: number): PlanningError =>
  new PlanningError('busy', `The operation waited ${maxWaitMs} ms for planning to begin`);
