import type { FetchNode } from '@apollo/query-planner';
import {
  getNamedType,
  Kind,
  OperationTypeNode,
  parse,
  print,
  visit,
  type FieldNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

import { readFetchOperation } from './fetch-operation.ts';

/** A field of `Subscription` as a question about the entity of an event. */
export interface EventOperation {
  /** Where the entity stands in the tree. */
  readonly key: string;
  /** What the field returns: the entity is of this type, or of one that belongs to it. */
  readonly type: string;
  /** What is asked of the entity, without spreads. */
  readonly selectionSet: SelectionSetNode;
  /** The fetch of entities that asks it. */
  readonly node: FetchNode;
}

/**
 * Makes a fetch of entities of the fetch that would subscribe: what the field selects is asked of the event's entity. The
 * field's own arguments say which events are meant, so they go; variables within the selection stay.
 *
 * @example
 * // subscription($id:ID!$n:Int){commentAdded(postId:$id){body(first:$n)}}, about a comment, becomes
 * // query($representations:[_Any!]!$n:Int){_entities(representations:$representations){...on Comment{body(first:$n)}}}
 * @returns `undefined` for a field that returns no objects: no event can be about it
 */
export function readEventOperation(node: FetchNode, schema: GraphQLSchema): EventOperation | undefined {
  const source = readFetchOperation(node, schema);
  // Parsed again, since fragments have been put where they are spread.
  const field = rootFieldOf(parse(source.selectionText, { noLocation: true }).definitions[0]);
  const definition = schema.getSubscriptionType()?.getFields()[field?.name.value ?? ''];
  if (!field?.selectionSet || !definition) return undefined;
  const type = getNamedType(definition.type).name;
  const used = variablesIn(field.selectionSet);
  const definitions = source.variables.filter(({ name }) => used.has(name)).map((each) => each.definition);
  const operation =
    `query($representations:[_Any!]!${definitions.join('')})${source.directivesText}` +
    `{_entities(representations:$representations){...on ${type}${print(field.selectionSet)}}}`;
  return {
    key: field.alias?.value ?? field.name.value,
    type,
    selectionSet: field.selectionSet,
    node: { ...node, operation, operationKind: OperationTypeNode.QUERY, requires: [] },
  };
}

function rootFieldOf(definition: { readonly kind: Kind } | undefined): FieldNode | undefined {
  const { selections } = (definition as OperationDefinitionNode).selectionSet;
  const [only, ...others] = selections;
  return only?.kind === Kind.FIELD && others.length === 0 ? only : undefined;
}

function variablesIn(selectionSet: SelectionSetNode): ReadonlySet<string> {
  const names = new Set<string>();
  visit(selectionSet, { Variable: ({ name }) => void names.add(name.value) });
  return names;
}
