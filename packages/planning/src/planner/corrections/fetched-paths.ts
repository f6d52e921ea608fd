import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';
import { Kind, parse, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';

/**
 * All places of an answer that a plan fetches something for, whatever the type of the object there.
 *
 * @example Set { 'post', 'post.author', 'post.author.name' }
 */
export function fetchedPaths(plan: QueryPlan): ReadonlySet<string> {
  const paths = new Set<string>();
  const { node } = plan;
  if (node?.kind === 'Subscription') {
    addFetch(node.primary, '', paths);
    if (node.rest) addNode(node.rest, '', paths);
  } else if (node) addNode(node, '', paths);
  return paths;
}

function addNode(node: PlanNode, parent: string, paths: Set<string>): void {
  if (node.kind === 'Fetch') return addFetch(node, parent, paths);
  if (node.kind === 'Flatten') return addNode(node.node, node.path.filter(isField).reduce(join, ''), paths);
  for (const child of childrenOf(node)) addNode(child, parent, paths);
}

function childrenOf(node: Exclude<PlanNode, { kind: 'Fetch' | 'Flatten' }>): readonly PlanNode[] {
  if (node.kind === 'Sequence' || node.kind === 'Parallel') return node.nodes;
  if (node.kind === 'Condition') return [node.ifClause ?? [], node.elseClause ?? []].flat();
  return [node.primary.node ?? [], ...node.deferred.map((deferred) => deferred.node ?? [])].flat();
}

/** Steps into lists, `@`, may carry conditions on types. */
const isField = (step: string | number): boolean => typeof step === 'string' && !step.startsWith('@');

const join = (parent: string, step: string | number): string =>
  parent === '' ? `${step}` : `${parent}.${step}`;

function addFetch(fetch: FetchNode, parent: string, paths: Set<string>): void {
  const { definitions } = parse(fetch.operation, { noLocation: true });
  const operation = definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  const fragments = new Map(
    definitions
      .filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const [entities] = operation?.selectionSet.selections ?? [];
  const start =
    fetch.requires && entities?.kind === Kind.FIELD ? entities.selectionSet : operation?.selectionSet;
  addSelections(start, parent, fragments, paths);
}

function addSelections(
  selectionSet: SelectionSetNode | undefined,
  parent: string,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  paths: Set<string>,
): void {
  for (const node of selectionSet?.selections ?? []) {
    if (node.kind === Kind.FRAGMENT_SPREAD) {
      addSelections(fragments.get(node.name.value)?.selectionSet, parent, fragments, paths);
    } else if (node.kind === Kind.INLINE_FRAGMENT) addSelections(node.selectionSet, parent, fragments, paths);
    else {
      // The planner's own aliases, for fields of several types that one fetch has in one place.
      const path = join(parent, (node.alias ?? node.name).value.replace(/__alias_\d+$/, ''));
      paths.add(path);
      addSelections(node.selectionSet, path, fragments, paths);
    }
  }
}
