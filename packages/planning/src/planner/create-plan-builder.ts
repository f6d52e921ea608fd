import type { QueryPlan } from '@apollo/query-planner';

import { createPlanOperation, type PlanBuilderOptions, type PlanOperation } from './plan-operation.ts';
import type { PlanRequest } from './planner.ts';
import { PlanningError } from './planning-error.ts';

/** Plans one operation, now and in this thread. */
export type PlanBuilder = (request: PlanRequest) => QueryPlan;

/**
 * Builds the planner of a supergraph: hundreds of milliseconds that every operation after the first one saves.
 *
 * @throws {Error} when the text is not a supergraph
 */
export function createPlanBuilder(supergraphSdl: string, options: PlanBuilderOptions = {}): PlanBuilder {
  const planOperation = createPlanOperation(supergraphSdl, options);
  // Built when it is needed: it asks twice for much that is required, and few operations gain by that.
  let planApart: PlanOperation | undefined;
  return (request) => {
    const { plan, sharesRequiredObjects } = planOperation(request);
    if (!sharesRequiredObjects) return plan;
    planApart ??= createPlanOperation(supergraphSdl, options, { separatesObjects: true });
    try {
      return planApart(request).plan;
    } catch (error: unknown) {
      // Where that is too much, what may be lost is lost only when something fails.
      if (error instanceof PlanningError) return plan;
      throw error;
    }
  };
}
