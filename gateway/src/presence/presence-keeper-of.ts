import { argumentOf, graphNames } from '@tributary/directives';
import { Kind, type ConstDirectiveNode, type DocumentNode } from 'graphql';

import { onceForEach } from '../once-for-each.ts';

const mutation = 'renewPresence';

/**
 * The subgraph that keeps who is present: the one whose `Mutation` has `renewPresence(input: { holder, userIds,
 * leaseSeconds })`, which clients do not see; `undefined` where nobody does.
 */
export const presenceKeeperOf = onceForEach((supergraph: DocumentNode): string | undefined => {
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION || definition.name.value !== 'Mutation') continue;
    const field = definition.fields?.find(({ name }) => name.value === mutation);
    if (!field) return undefined;
    // Without a subgraph of its own, a field belongs to all that have the type.
    const graph = graphOf(field.directives, 'join__field') ?? graphOf(definition.directives, 'join__type');
    return graph === undefined ? undefined : graphNames(supergraph).get(graph);
  }
  return undefined;
});

function graphOf(directives: readonly ConstDirectiveNode[] = [], name: string): string | undefined {
  const directive = directives.find((each) => each.name.value === name);
  const graph = directive && argumentOf(directive, 'graph');
  return typeof graph === 'string' ? graph : undefined;
}
