import type { QueryPlan } from '@apollo/query-planner';

import { PlanJob, PlanQueue } from './plan-queue.ts';
import type { Planner, PlannerOptions, PlanningWait, PlanRequest } from './planner.ts';
import { PlanningError } from './planning-error.ts';

/** The options that the pool itself reads, all of them given. */
export type PoolOptions = Required<
  Omit<PlannerOptions, 'pathsLimit' | 'maxEvaluatedPlans' | 'maxPlanLength' | 'heapMb' | 'stackMb'>
>;

/** What the pool asks of a thread: see `PlanThread`. */
export interface PlanningThread {
  readonly ready: Promise<void>;
  readonly ended: Promise<Error | undefined>;
  plan(request: PlanRequest): Promise<QueryPlan>;
  busyMs(): Promise<number>;
  yieldToOthers(): void;
  stop(): Promise<void>;
}

/** A thread's place in the pool. */
interface Seat {
  readonly thread: PlanningThread;
  isReady: boolean;
  job: PlanJob | undefined;
  /** Set while it is busy with a hard operation: then it does not count among `workers`. */
  isHard: boolean;
  /** Set when it lets other threads go first: it is of no use for what comes next. */
  isYielding: boolean;
}

/** Operations that were hard, and clients who asked for them, of which the pool remembers so many. */
const rememberedHard = 64;
/** How many times `hardAfterMs` an operation takes before it is worth a thread to keep it out of the way of others. */
const yieldAfter = 5;
/** How soon a thread that could not start is tried again. */
const restartDelayMs = 1_000;

/**
 * Threads that plan, and the queue before them.
 *
 * What keeps a hard operation out of the way of the others: after `hardAfterMs` its thread no longer counts among
 * `workers`, so a new one is started beside it; at most `maxHard` may go on like that, one more is stopped and waits
 * for its turn, and a document that is large, was hard before or comes from a client who asked for a hard one never
 * takes the last thread that is free of such.
 */
export class PlannerPool implements Planner {
  readonly #options: PoolOptions;
  readonly #startThread: () => PlanningThread;
  readonly #seats = new Set<Seat>();
  readonly #queue: PlanQueue;
  readonly #hardDocuments = new Set<string>();
  readonly #hardClients = new Set<string>();
  /** How many threads there should be for operations that are not hard: one until the others are wanted. */
  #wanted: number;
  #growth: NodeJS.Timeout | undefined;
  #restart: NodeJS.Timeout | undefined;
  #retirement: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(startThread: () => PlanningThread, options: PoolOptions) {
    this.#startThread = startThread;
    this.#options = options;
    this.#queue = new PlanQueue(options);
    this.#wanted = options.othersAfterMs > 0 ? 1 : options.workers;
    this.#fillSeats();
  }

  /**
   * Settles when all threads that it began with are ready.
   *
   * @throws {Error} what kept one from it
   */
  async ready(): Promise<void> {
    await Promise.all([...this.#seats].map(({ thread }) => thread.ready));
    if (!this.#isStopped && this.#wanted < this.#options.workers)
      this.#growth = setTimeout(() => this.#grow(), this.#options.othersAfterMs).unref();
  }

  plan(request: PlanRequest, wait?: PlanningWait): Promise<QueryPlan> {
    const job = new PlanJob(request, wait);
    if (this.#isStopped) job.answer.reject(stopped());
    else this.#enqueue(job);
    return job.answer.promise;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#growth);
    clearTimeout(this.#restart);
    clearTimeout(this.#retirement);
    this.#queue.clear(stopped());
    const seats = [...this.#seats];
    for (const { job } of seats) job?.answer.reject(stopped());
    await Promise.all(seats.map(({ thread }) => thread.stop()));
  }

  #enqueue(job: PlanJob): void {
    job.isHard ||= this.#hardDocuments.has(job.request.document);
    this.#queue.add(job);
    this.#dispatch();
    // Somebody waits already.
    if (!this.#queue.isEmpty) this.#grow();
  }

  /** Starts the threads that were not wanted at first. */
  #grow(): void {
    clearTimeout(this.#growth);
    this.#wanted = this.#options.workers;
    this.#fillSeats();
  }

  #dispatch(): void {
    for (;;) {
      const seat = [...this.#seats].find(({ isReady, job }) => isReady && !job);
      const job = seat && this.#queue.take((waiting) => this.#mayStart(waiting));
      if (!job) return;
      void this.#run(seat, job);
    }
  }

  #mayStart(job: PlanJob): boolean {
    if (!this.#mayProveHard(job)) return true;
    const free = this.#count(
      (seat) => seat.isReady && !seat.isHard && !(seat.job && this.#mayProveHard(seat.job)),
    );
    return free > 1 && !(job.isHard && this.#hardCount() >= this.#options.maxHard);
  }

  #mayProveHard({ isHard, request, clients }: PlanJob): boolean {
    if (isHard || request.document.length >= this.#options.largeDocumentLength) return true;
    // Also for somebody else, who then does not have to wait for them.
    for (const client of clients) if (!this.#hardClients.has(client)) return false;
    return true;
  }

  async #run(seat: Seat, job: PlanJob): Promise<void> {
    const { hardAfterMs, deadlineMs } = this.#options;
    seat.job = job;
    if (job.isHard) this.#makeRoom(seat);
    const hard = setInterval(() => void this.#judge(seat, job), hardAfterMs);
    const deadline = setTimeout(() => this.#replace(seat, tooSlow(deadlineMs)), deadlineMs);
    try {
      job.answer.resolve(await seat.thread.plan(job.request));
    } catch (error: unknown) {
      // Of a thread that was stopped over it this says nothing new: its job has its answer, or waits again.
      if (seat.job === job) job.answer.reject(error);
    } finally {
      clearInterval(hard);
      clearTimeout(deadline);
      this.#release(seat, job);
    }
  }

  #release(seat: Seat, job: PlanJob): void {
    if (seat.job === job) {
      seat.job = undefined;
      seat.isHard = false;
      if (seat.isYielding) this.#replace(seat);
    }
    this.#dispatch();
    this.#retireLater();
  }

  /** By CPU time: a busy machine does not make an operation a hard one. */
  async #judge(seat: Seat, job: PlanJob): Promise<void> {
    const busyMs = await seat.thread.busyMs().catch(() => 0);
    if (seat.job !== job || busyMs < this.#options.hardAfterMs) return;
    this.#turnHard(seat, job);
    if (seat.job === job && busyMs >= yieldAfter * this.#options.hardAfterMs) this.#yieldToOthers(seat);
  }

  #yieldToOthers(seat: Seat): void {
    if (seat.isYielding) return;
    seat.isYielding = true;
    seat.thread.yieldToOthers();
  }

  #turnHard(seat: Seat, job: PlanJob): void {
    this.#rememberHard(job);
    if (seat.isHard) return;
    if (this.#hardCount() < this.#options.maxHard) return this.#makeRoom(seat);
    this.#replace(seat);
    this.#enqueue(job);
  }

  #rememberHard(job: PlanJob): void {
    job.isHard = true;
    remember(this.#hardDocuments, job.request.document);
    // Who came to wait for it later has only asked for the same; and of nobody in particular, it says nothing.
    const [client] = job.clients;
    if (client) remember(this.#hardClients, client);
  }

  #makeRoom(seat: Seat): void {
    seat.isHard = true;
    this.#fillSeats();
  }

  /** Stops a thread in the middle of its job, which fails with the reason if there is one. */
  #replace(seat: Seat, reason?: PlanningError): void {
    if (reason) seat.job?.answer.reject(reason);
    seat.job = undefined;
    this.#seats.delete(seat);
    void seat.thread.stop();
    this.#fillSeats();
  }

  /** Starts what is missing of the threads for operations that are not hard. */
  #fillSeats(): void {
    while (!this.#isStopped && this.#count(({ isHard }) => !isHard) < this.#wanted) this.#addSeat();
  }

  #addSeat(): void {
    const thread = this.#startThread();
    const seat: Seat = { thread, isReady: false, job: undefined, isHard: false, isYielding: false };
    this.#seats.add(seat);
    void this.#follow(seat);
  }

  async #follow(seat: Seat): Promise<void> {
    const isReady = await seat.thread.ready.then(
      () => true,
      () => false,
    );
    seat.isReady = isReady;
    if (isReady) this.#dispatch();
    const reason = await seat.thread.ended;
    if (!reason || !this.#seats.delete(seat)) return;
    this.#options.onThreadLost(reason);
    if (isReady) this.#fillSeats();
    // What could not start once may not start again either: not at once, or it would do nothing else.
    else this.#restart ??= this.#restartLater();
  }

  #restartLater(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#restart = undefined;
      this.#fillSeats();
    }, restartDelayMs).unref();
  }

  /** Lets one thread go that a hard operation left behind, when there was no use for it for a while. */
  #retireLater(): void {
    if (this.#isStopped || !this.#hasSpares()) return;
    this.#retirement ??= setTimeout(() => {
      this.#retirement = undefined;
      const spare = [...this.#seats].find(({ isReady, job }) => isReady && !job);
      if (spare && this.#hasSpares()) this.#replace(spare);
      this.#retireLater();
    }, this.#options.spareIdleMs).unref();
  }

  #hasSpares(): boolean {
    return this.#count(({ isHard }) => !isHard) > this.#wanted;
  }

  #hardCount(): number {
    return this.#count(({ isHard }) => isHard);
  }

  #count(matches: (seat: Seat) => boolean): number {
    return [...this.#seats].filter((seat) => matches(seat)).length;
  }
}

function remember(all: Set<string>, one: string): void {
  all.delete(one);
  all.add(one);
  const [oldest] = all;
  if (all.size > rememberedHard && oldest !== undefined) all.delete(oldest);
}

const stopped = (): PlanningError => new PlanningError('failed', 'The planner was stopped');

const tooSlow = (deadlineMs: number): PlanningError =>
  new PlanningError('too-slow', `Planning the operation took longer than ${deadlineMs} ms`);
