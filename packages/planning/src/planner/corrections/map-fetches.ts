import type {
  DeferNode,
  DeferredNode,
  FetchNode,
  PlanNode,
  QueryPlan,
  SubscriptionNode,
} from '@apollo/query-planner';

/** What becomes of one fetch: itself, or several that take its place side by side. */
export type MapFetch = (fetch: FetchNode) => readonly FetchNode[];

interface PlanMap {
  readonly fetch: MapFetch;
  readonly deferred: (node: DeferredNode) => DeferredNode;
}

/** A plan with each fetch replaced. */
export const mapFetches = (plan: QueryPlan, fetch: MapFetch): QueryPlan =>
  mapPlan(plan, { fetch, deferred: (node) => node });

/** A plan with each deferred part replaced. */
export const mapDeferred = (plan: QueryPlan, deferred: PlanMap['deferred']): QueryPlan =>
  mapPlan(plan, { fetch: (fetch) => [fetch], deferred });

function mapPlan(plan: QueryPlan, map: PlanMap): QueryPlan {
  const { node } = plan;
  if (!node) return plan;
  return { ...plan, node: node.kind === 'Subscription' ? mapSubscription(node, map) : mapNode(node, map) };
}

const mapSubscription = (node: SubscriptionNode, map: PlanMap): SubscriptionNode => ({
  ...node,
  primary: onlyFetch(map.fetch(node.primary)),
  ...(node.rest && { rest: mapNode(node.rest, map) }),
});

/** Representations are what splits a fetch, and the first one of a subscription has none. */
function onlyFetch([fetch, ...rest]: readonly FetchNode[]): FetchNode {
  if (!fetch || rest.length > 0)
    throw new Error(`Expected one fetch of a subscription, but got ${rest.length + 1}`);
  return fetch;
}

function mapNode(node: PlanNode, map: PlanMap): PlanNode {
  switch (node.kind) {
    case 'Fetch':
      return together(map.fetch(node));
    case 'Flatten':
      return node.node.kind === 'Fetch'
        ? together(map.fetch(node.node).map((fetch) => ({ ...node, node: fetch })))
        : { ...node, node: mapNode(node.node, map) };
    case 'Sequence':
      return { ...node, nodes: node.nodes.map((child) => mapNode(child, map)) };
    case 'Parallel':
      return { ...node, nodes: node.nodes.flatMap((child) => besides(mapNode(child, map))) };
    case 'Condition':
      return {
        ...node,
        ...(node.ifClause && { ifClause: mapNode(node.ifClause, map) }),
        ...(node.elseClause && { elseClause: mapNode(node.elseClause, map) }),
      };
    case 'Defer':
      return mapDefer(node, map);
    default:
      return node satisfies never;
  }
}

const mapDefer = (node: DeferNode, map: PlanMap): DeferNode => ({
  ...node,
  primary: { ...node.primary, ...(node.primary.node && { node: mapNode(node.primary.node, map) }) },
  deferred: node.deferred.map((deferred) => ({
    ...map.deferred(deferred),
    ...(deferred.node && { node: mapNode(deferred.node, map) }),
  })),
});

function together(nodes: readonly PlanNode[]): PlanNode {
  const [only, ...rest] = nodes;
  return only && rest.length === 0 ? only : { kind: 'Parallel', nodes: [...nodes] };
}

const besides = (node: PlanNode): readonly PlanNode[] => (node.kind === 'Parallel' ? node.nodes : [node]);
