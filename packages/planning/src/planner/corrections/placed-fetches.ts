import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';

/** A fetch of a plan, and the place of the objects that it is about. */
export interface PlacedFetch {
  readonly fetch: FetchNode;
  /** Empty at the root. */
  readonly path: string;
}

/** All fetches of a plan, as they stand there. */
export function placedFetches({ node }: QueryPlan): PlacedFetch[] {
  if (!node) return [];
  if (node.kind !== 'Subscription') return fetchesIn(node, '');
  return [{ fetch: node.primary, path: '' }, ...(node.rest ? fetchesIn(node.rest, '') : [])];
}

function fetchesIn(node: PlanNode, path: string): PlacedFetch[] {
  if (node.kind === 'Fetch') return [{ fetch: node, path }];
  if (node.kind === 'Flatten') return fetchesIn(node.node, node.path.filter(isField).reduce(joinPath, ''));
  return childrenOf(node).flatMap((child) => fetchesIn(child, path));
}

function childrenOf(node: Exclude<PlanNode, { kind: 'Fetch' | 'Flatten' }>): readonly PlanNode[] {
  if (node.kind === 'Sequence' || node.kind === 'Parallel') return node.nodes;
  if (node.kind === 'Condition') return [node.ifClause ?? [], node.elseClause ?? []].flat();
  return [node.primary.node ?? [], ...node.deferred.map((deferred) => deferred.node ?? [])].flat();
}

/** Steps into lists, `@`, may carry conditions on types. */
const isField = (step: string | number): boolean => typeof step === 'string' && !step.startsWith('@');

/** @example joinPath('post', 'author') // 'post.author' */
export const joinPath = (parent: string, step: string | number): string =>
  parent === '' ? `${step}` : `${parent}.${step}`;
