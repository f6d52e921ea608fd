/**
 * Why there is no plan: the operation is beyond the planner's limits, or beyond its deadline, or planning failed; `busy`
 * says nothing about the operation, but that others were before it.
 */
export type PlanningFailureReason = 'too-complex' | 'too-slow' | 'failed' | 'busy';

/** An operation that cannot be planned. */
export class PlanningError extends Error {
  override readonly name = 'PlanningError';
  readonly reason: PlanningFailureReason;

  constructor(reason: PlanningFailureReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
