import type { QueryPlanSelectionNode } from '@apollo/query-planner';

/**
 * Makes one selection of those that are about the same field or type. What is required under a condition stands in a
 * fragment of its own, which may say no more than the one beside it.
 */
export function mergeSelections(nodes: readonly QueryPlanSelectionNode[]): QueryPlanSelectionNode[] {
  const merged = new Map<string, QueryPlanSelectionNode>();
  for (const node of nodes) {
    const key = node.kind === 'Field' ? (node.alias ?? node.name) : `... on ${node.typeCondition ?? ''}`;
    const known = merged.get(key);
    const selections = [...(known?.selections ?? []), ...(node.selections ?? [])];
    merged.set(key, { ...node, ...(selections.length > 0 && { selections: mergeSelections(selections) }) });
  }
  return [...merged.values()];
}
