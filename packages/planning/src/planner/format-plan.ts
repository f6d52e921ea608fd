import type { QueryPlan } from '@apollo/query-planner';

/**
 * A plan in the planner's own notation, for people. The planner is loaded at the first call, so that a process that
 * plans in threads only does not hold it twice.
 *
 * @example await formatPlan(plan) // QueryPlan { Fetch(service: "posts") { …
 */
export async function formatPlan(plan: QueryPlan): Promise<string> {
  const { prettyFormatQueryPlan } = await import('@apollo/query-planner');
  return prettyFormatQueryPlan(plan);
}
