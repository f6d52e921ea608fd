import { Worker } from 'node:worker_threads';

import type { QueryPlan } from '@apollo/query-planner';

import type { PlanBuilderOptions } from './create-plan-builder.ts';
import type { PlanRequest } from './planner.ts';
import { PlanningError, type PlanningFailureReason } from './planning-error.ts';

/** What the thread starts with. */
export interface PlanThreadData extends PlanBuilderOptions {
  readonly supergraphSdl: string;
}

/** What the thread says. */
export type PlanThreadMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'plan'; readonly plan: QueryPlan }
  | { readonly kind: 'failure'; readonly reason: PlanningFailureReason; readonly message: string };

/** Room of the thread, in MB. */
export interface PlanThreadRoom {
  readonly heapMb: number;
  readonly stackMb: number;
}

/** One thread with one planner, which plans one operation at a time. */
export class PlanThread {
  /** Settles when its planner is built, or cannot be. */
  readonly ready: Promise<void>;
  /** Settles, never rejects, when the thread is gone: with the reason unless somebody stopped it. */
  readonly ended: Promise<Error | undefined>;
  readonly #worker: Worker;
  readonly #started = Promise.withResolvers<void>();
  #answer: PromiseWithResolvers<QueryPlan> | undefined;
  #isStopped = false;
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

  /** Ends the thread in the middle of whatever it does. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#worker.terminate();
    await this.ended;
  }

  #hear(message: PlanThreadMessage): void {
    if (message.kind === 'ready') return this.#started.resolve();
    const answer = this.#answer;
    this.#answer = undefined;
    if (message.kind === 'plan') answer?.resolve(message.plan);
    else answer?.reject(new PlanningError(message.reason, message.message));
  }

  #end(): Error | undefined {
    const cause = this.#lastError ?? new Error('The planning thread ended');
    this.#started.reject(cause);
    this.#answer?.reject(explainEnd(cause));
    return this.#isStopped ? undefined : cause;
  }
}

const explainEnd = (cause: Error & { code?: string }): PlanningError =>
  cause.code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? new PlanningError('too-complex', 'The operation needs more memory to plan than there is', { cause })
    : new PlanningError('failed', `The operation cannot be planned: ${cause.message}`, { cause });
