import type { DeferredNode, QueryPlan } from '@apollo/query-planner';

import { mapDeferred, mapFetches } from './map-fetches.ts';

/** Lets deferred parts that wait for a fetch wait for all that it was split into. */
export function waitForSplitFetches(plan: QueryPlan): QueryPlan {
  const ids: string[] = [];
  mapFetches(plan, (fetch) => {
    if (fetch.id !== undefined) ids.push(fetch.id);
    return [fetch];
  });
  const partsOf = (id: string): string[] => ids.filter((other) => other === id || other.startsWith(`${id}.`));
  if (!ids.some((id) => id.includes('.'))) return plan;
  return mapDeferred(plan, (deferred: DeferredNode) => ({
    ...deferred,
    depends: deferred.depends.flatMap((depend) =>
      partsOf(depend.id).length > 0 ? partsOf(depend.id).map((id) => ({ ...depend, id })) : [depend],
    ),
  }));
}
