import { constants, setPriority } from 'node:os';
import { Worker } from 'node:worker_threads';

import type { QueryPlan } from '@apollo/query-planner';

import type { PlanBuilderOptions } from './plan-operation.ts';
import type { PlanRequest } from './planner.ts';
import type { PlanningThread } from './planner-pool.ts';
import { PlanningError, type PlanningFailureReason } from './planning-error.ts';

/** What the thread starts with. */
export interface PlanThreadData extends PlanBuilderOptions {
  readonly supergraphSdl: string;
}

/** What the thread says. */
export interface PlanThreadMessage {
  readonly answer: PlanThreadAnswer;
  /** The CPU time that it has used since its start. */
  readonly cpuMs: number;
}

/** That it is ready, once, and what has become of each request. */
export type PlanThreadAnswer =
  | { readonly kind: 'ready'; readonly threadId: number | undefined }
  | { readonly kind: 'plan'; readonly plan: QueryPlan }
  | { readonly kind: 'failure'; readonly reason: PlanningFailureReason; readonly message: string };

/** Room of the thread, in MB. */
export interface PlanThreadRoom {
  readonly heapMb: number;
  readonly stackMb: number;
}

/** One thread with one planner, which plans one operation at a time. */
export class PlanThread implements PlanningThread {
  /** Settles when its planner is built, or cannot be. */
  readonly ready: Promise<void>;
  /** Settles, never rejects, when the thread is gone: with the reason unless somebody stopped it. */
  readonly ended: Promise<Error | undefined>;
  readonly #worker: Worker;
  readonly #started = Promise.withResolvers<void>();
  #answer: PromiseWithResolvers<QueryPlan> | undefined;
  #isStopped = false;
  #cpuMsBefore = 0;
  #systemThreadId: number | undefined;
  #lastError: Error | undefined;

  constructor(data: PlanThreadData, { heapMb, stackMb }: PlanThreadRoom) {
    this.ready = this.#started.promise;
    this.#worker = new Worker(new URL('./plan-worker.ts', import.meta.url), {
      workerData: data,
      resourceLimits: { stackSizeMb: stackMb, maxOldGenerationSizeMb: heapMb },
    });
    this.#worker.on('message', (message: PlanThreadMessage) => this.#hear(message));
    this.#worker.on('error', (error: Error) => (this.#lastError = error));
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', () => resolve(this.#end()));
    });
  }

  /**
   * Plans an operation; the thread must be ready and have nothing else to do.
   *
   * @throws {PlanningError} also when the thread ends over it
   */
  plan(request: PlanRequest): Promise<QueryPlan> {
    this.#answer = Promise.withResolvers();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#worker.postMessage(request);
    return this.#answer.promise;
  }

  /** How much CPU time the operation has taken so far: on a busy machine far less than has passed. */
  async busyMs(): Promise<number> {
    // Only Node 24 tells; by an older one, as much as has passed.
    if (!('cpuUsage' in this.#worker)) return Number.POSITIVE_INFINITY;
    return toMs(await this.#worker.cpuUsage()) - this.#cpuMsBefore;
  }

  /** Lets other threads go first for the rest of its life, where the system can: nobody may raise a priority again. */
  yieldToOthers(): void {
    try {
      if (this.#systemThreadId !== undefined)
        setPriority(this.#systemThreadId, constants.priority.PRIORITY_LOW);
    } catch {
      // A system without priorities for threads: then it takes its share.
    }
  }

  /** Ends the thread in the middle of whatever it does. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#worker.terminate();
    await this.ended;
  }

  #hear({ answer, cpuMs }: PlanThreadMessage): void {
    this.#cpuMsBefore = cpuMs;
    if (answer.kind === 'ready') return this.#start(answer.threadId);
    const asked = this.#answer;
    this.#answer = undefined;
    if (answer.kind === 'plan') asked?.resolve(answer.plan);
    else asked?.reject(new PlanningError(answer.reason, answer.message));
  }

  #start(threadId: number | undefined): void {
    this.#systemThreadId = threadId;
    this.#started.resolve();
  }

  #end(): Error | undefined {
    const cause = this.#lastError ?? new Error('The planning thread ended');
    this.#started.reject(cause);
    this.#answer?.reject(explainEnd(cause));
    return this.#isStopped ? undefined : cause;
  }
}

/** Microseconds of `cpuUsage`, here and in the thread. */
export const toMs = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000;

const explainEnd = (cause: Error & { code?: string }): PlanningError =>
  cause.code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? new PlanningError('too-complex', 'The operation needs more memory to plan than there is', { cause })
    : new PlanningError('failed', `The operation cannot be planned: ${cause.message}`, { cause });
