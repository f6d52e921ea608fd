import { Kind, type ConstDirectiveNode, type DocumentNode } from 'graphql';

import { hasFields } from './supergraph-types.ts';

/**
 * Lists the keys by which a subgraph resolves an entity before those by which it only refers to one. To come back to
 * a subgraph for a field with `@requires` the planner takes the first key, whether it is resolvable or not.
 */
export const resolvableKeysFirst = (document: DocumentNode): DocumentNode => ({
  ...document,
  definitions: document.definitions.map((node) =>
    hasFields(node) && node.directives
      ? {
          ...node,
          directives: node.directives.toSorted((a, b) => Number(isReference(a)) - Number(isReference(b))),
        }
      : node,
  ),
});

const isReference = ({ name, arguments: given = [] }: ConstDirectiveNode): boolean =>
  name.value === 'join__type' &&
  given.some(({ name, value }) => name.value === 'resolvable' && value.kind === Kind.BOOLEAN && !value.value);
