import type { QueryPlan } from '@apollo/query-planner';

import type { PlannerOptions, PlanningWait, PlanRequest } from './planner.ts';
import { PlanningError } from './planning-error.ts';

/** One request from its arrival to its answer. */
export class PlanJob {
  readonly request: PlanRequest;
  readonly signal: AbortSignal | undefined;
  /** Whom it is for; more may come while it waits. */
  readonly clients: Iterable<string>;
  readonly answer = Promise.withResolvers<QueryPlan>();
  /** It has taken long before, so it must not stand in the way of others. */
  isHard = false;

  constructor(request: PlanRequest, { signal, clients = nobody }: PlanningWait = {}) {
    this.request = request;
    this.signal = signal;
    this.clients = clients;
  }
}

const nobody: readonly string[] = [''];

/** How one waiting job is let go of. */
type Release = () => void;

/**
 * Jobs that wait for a thread, each for a bounded time. Clients take turns: the next one is whoever was served longest
 * ago, and of several who never were, whoever came first. So one that sends many keeps nobody waiting but itself.
 */
export class PlanQueue {
  readonly #waiting = new Map<PlanJob, Release>();
  /** When each client was served last, by a count of those that were; the oldest first. */
  readonly #served = new Map<string, number>();
  #servedCount = 0;
  readonly #limits: Required<Pick<PlannerOptions, 'maxQueued' | 'maxWaitMs'>>;

  constructor(limits: Required<Pick<PlannerOptions, 'maxQueued' | 'maxWaitMs'>>) {
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /**
   * Lets a job wait; it fails when it waits too long and when its caller leaves. When it is one too many, the last one of
   * the client with most of them fails: the places of a full queue are shared as well.
   */
  add(job: PlanJob): void {
    const { maxWaitMs } = this.#limits;
    if (job.signal?.aborted) return job.answer.reject(job.signal.reason);
    const timer = setTimeout(() => this.#fail(job, waitedTooLong(maxWaitMs)), maxWaitMs);
    const onAbort = (): void => this.#fail(job, job.signal?.reason);
    job.signal?.addEventListener('abort', onAbort);
    this.#waiting.set(job, () => {
      clearTimeout(timer);
      job.signal?.removeEventListener('abort', onAbort);
    });
    this.#refuseTooMany();
  }

  /** The job that may start of the client whose turn it is; it waits no longer. */
  take(mayStart: (job: PlanJob) => boolean): PlanJob | undefined {
    let next: PlanJob | undefined;
    let nextTurn = Number.POSITIVE_INFINITY;
    for (const job of this.#waiting.keys()) {
      const turn = this.#turnOf(job);
      if (turn >= nextTurn || !mayStart(job)) continue;
      [next, nextTurn] = [job, turn];
      if (turn < 0) break;
    }
    if (!next) return undefined;
    this.#remove(next);
    this.#noteServed(next);
    return next;
  }

  /** Fails all that wait. */
  clear(reason: Error): void {
    for (const job of this.#waiting.keys()) this.#fail(job, reason);
  }

  /** Of several clients who wait for one job, the turn that comes first; -1 for who was never served. */
  #turnOf({ clients }: PlanJob): number {
    let turn = Number.POSITIVE_INFINITY;
    for (const client of clients) turn = Math.min(turn, this.#served.get(client) ?? -1);
    return turn;
  }

  /** It was the turn of each of them. */
  #noteServed({ clients }: PlanJob): void {
    this.#servedCount += 1;
    for (const client of clients) {
      // To the end: whoever is forgotten was served longest ago, and is next anyway.
      this.#served.delete(client);
      this.#served.set(client, this.#servedCount);
    }
    for (const client of this.#served.keys()) {
      if (this.#served.size <= this.#limits.maxQueued) break;
      this.#served.delete(client);
    }
  }

  #refuseTooMany(): void {
    const { maxQueued } = this.#limits;
    if (this.#waiting.size <= maxQueued) return;
    const lastOf = new Map<string, PlanJob>();
    const counts = new Map<string, number>();
    for (const job of this.#waiting.keys()) {
      // One that several clients wait for counts for the first: it is no worse to keep than another.
      const [client = ''] = job.clients;
      lastOf.set(client, job);
      counts.set(client, (counts.get(client) ?? 0) + 1);
    }
    const [busiest] = [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most));
    const job = lastOf.get(busiest);
    if (job) this.#fail(job, tooMany(maxQueued));
  }

  #fail(job: PlanJob, reason: unknown): void {
    this.#remove(job);
    job.answer.reject(reason);
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
