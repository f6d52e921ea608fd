import type { QueryPlan } from '@apollo/query-planner';

/** One operation to plan. */
export interface PlanRequest {
  /** One operation with its fragments, valid against the API schema. */
  readonly document: string;
  /** The labels of `@override(label:)` that are on for it. */
  readonly overrideLabels: readonly string[];
}

/** Who waits for a plan, and until when. */
export interface PlanningWait {
  /** Takes the request out of the queue when it aborts. @default it waits as long as it may */
  readonly signal?: AbortSignal | undefined;
  /**
   * Whom the request is for, by whatever name; read as often as it is looked for, since others may come to wait for the
   * same plan. Clients that wait take turns, however many requests each of them has. @default one client without a name
   */
  readonly clients?: Iterable<string> | undefined;
}

/** What plans operations of one supergraph, in threads of its own. It keeps no plans: caching is its caller's. */
export interface Planner {
  /**
   * Plans an operation; the plan holds plain data only.
   *
   * Once planning has begun it goes on whatever the signal says, since the plan is worth keeping, and the promise settles
   * as if nothing had happened.
   *
   * @throws {PlanningError} when there is no plan; the reason of the signal when it aborted in time
   */
  plan(request: PlanRequest, wait?: PlanningWait): Promise<QueryPlan>;
  /** Ends all threads; what was asked and not answered fails. */
  stop(): Promise<void>;
}

/** What bounds planning. */
export interface PlannerOptions {
  /**
   * Threads for operations that plan quickly, at least two: two hard operations that come at once have a thread each
   * before anybody knows that they are hard. @default 3
   */
  readonly workers?: number;
  /**
   * How long after the first thread the others are started, unless something waits for them before: who waits for the
   * start needs one. @default 2_000
   */
  readonly othersAfterMs?: number;
  /** How long one planning may take, from its beginning. @default 10_000 */
  readonly deadlineMs?: number;
  /** How long a request may wait for a thread before that. @default 5_000 */
  readonly maxWaitMs?: number;
  /** Requests that may wait; one more takes the place of the last one of who has most of them. @default 1_000 */
  readonly maxQueued?: number;
  /** An operation that has taken so much CPU time is hard: another thread comes while it goes on. @default 200 */
  readonly hardAfterMs?: number;
  /** Hard operations planned side by side, each in a thread beside `workers`; others of them wait. @default 2 */
  readonly maxHard?: number;
  /** Documents from this length on may never have all threads at once, since they may prove hard. @default 4_000 */
  readonly largeDocumentLength?: number;
  /** How often one thread beyond `workers`, left behind by a hard operation, is let go. @default 60_000 */
  readonly spareIdleMs?: number;
  /** Heap of one thread. @default 1024 */
  readonly heapMb?: number;
  /** Stack of one thread: the planner recurses along the operation and along chains of types. @default 32 */
  readonly stackMb?: number;
  /** Plans that the planner compares; beyond it takes the best so far. @default 10_000 */
  readonly maxEvaluatedPlans?: number;
  /** Ways to one selection that the planner follows before it refuses the operation. @default unlimited */
  readonly pathsLimit?: number;
  /**
   * Characters that a plan may have when written as JSON. What becomes of it, it becomes on the thread that answers
   * everybody: about 100 ms for each 200,000. @default 300_000
   */
  readonly maxPlanLength?: number;
  /** Told of threads that end or cannot start; they are replaced in any case. @default nobody is told */
  readonly onThreadLost?: (error: Error) => void;
}
