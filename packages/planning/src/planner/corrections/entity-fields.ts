import type { FetchNode } from '@apollo/query-planner';
import {
  Kind,
  parse,
  print,
  type FieldNode,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql';

/** A field of entities that a fetch asks for. */
export interface EntityField {
  readonly node: FieldNode;
  /** The types of the fragments around it, the innermost last. */
  readonly types: readonly string[];
  /** The conditions around and at it, as text; empty when there are none. */
  readonly condition: string;
}

/** The operation of a fetch and its field `_entities`. */
export function entitiesOf({ operation: text }: FetchNode): {
  operation: OperationDefinitionNode;
  entities: FieldNode;
} {
  const operation = parse(text, { noLocation: true }).definitions.find(
    (node) => node.kind === Kind.OPERATION_DEFINITION,
  );
  const entities = operation?.selectionSet.selections[0];
  if (!operation || entities?.kind !== Kind.FIELD)
    throw new Error(`Expected a fetch of entities, but got ${text}`);
  return { operation, entities };
}

/** All fields of the entities themselves. */
export function entityFields(entities: FieldNode): EntityField[] {
  const found: EntityField[] = [];
  const collect = (selections: readonly SelectionNode[], types: readonly string[], outer: string): void => {
    for (const node of selections) {
      const condition = [outer, ...(node.directives ?? []).map((directive) => print(directive))].join('');
      if (node.kind === Kind.FIELD) found.push({ node, types, condition });
      if (node.kind !== Kind.INLINE_FRAGMENT) continue;
      const inner = node.typeCondition ? [...types, node.typeCondition.name.value] : types;
      collect(node.selectionSet.selections, inner, condition);
    }
  };
  collect(entities.selectionSet?.selections ?? [], [], '');
  return found;
}
