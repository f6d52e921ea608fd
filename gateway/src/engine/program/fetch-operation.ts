import type { FetchNode } from '@apollo/query-planner';
import {
  Kind,
  parse,
  print,
  stripIgnoredCharacters,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

import { isOfType, typeNamed } from './type-conditions.ts';

/** A variable of the client's operation that a fetch hands on. */
export interface VariableUse {
  readonly name: string;
  /** `$first:Int=10` */
  readonly definition: string;
}

/** The operation of a fetch node, taken apart so that it can be joined with others. */
export interface FetchOperation {
  readonly type: 'query' | 'mutation' | 'subscription';
  /** For what asks which types and fields it reaches. */
  readonly document: DocumentNode;
  /** What is selected at the top or, in a fetch of entities, of each of them: `{...on User{name}}`. */
  readonly selectionText: string;
  readonly directivesText: string;
  /** Without `representations`. */
  readonly variables: readonly VariableUse[];
  /** All keys that an object of the answer may have at the top. */
  readonly keys: readonly string[];
  /** The keys that an object of that type is given; what is missing when the fetch fails. */
  keysOf(typename: unknown): readonly string[];
}

/**
 * Reads the operation of a fetch node. Its name is dropped: planners name it after its place in the plan, and equal
 * requests would not be found to be equal.
 */
export function readFetchOperation(node: FetchNode, schema: GraphQLSchema): FetchOperation {
  const document = parse(node.operation, { noLocation: true });
  const operation = document.definitions.find(isOperation);
  if (!operation) throw new TypeError(`Expected a fetch from "${node.serviceName}" to have an operation`);
  const fragments = new Map(
    document.definitions.filter(isFragment).map((fragment) => [fragment.name.value, fragment]),
  );
  const selectionSet = withoutSpreads(
    node.requires ? entitySelectionOf(operation) : operation.selectionSet,
    fragments,
  );
  const keys = [...collectKeys(selectionSet, () => true)];
  const keysByType = new Map<unknown, readonly string[]>();
  return {
    type: operation.operation,
    document,
    selectionText: compact(selectionSet),
    directivesText: (operation.directives ?? []).map((directive) => print(directive)).join(' '),
    variables: (operation.variableDefinitions ?? [])
      .filter(({ variable }) => variable.name.value !== 'representations')
      .map((definition) => ({ name: definition.variable.name.value, definition: compact(definition) })),
    keys,
    keysOf: (typename) => {
      if (typename === undefined) return keys;
      const known = keysByType.get(typename);
      if (known) return known;
      const found = [...collectKeys(selectionSet, (condition) => isOfType(typename, condition, schema))];
      if (typeNamed(typename, schema)) keysByType.set(typename, found);
      return found;
    },
  };
}

const compact = (node: Parameters<typeof print>[0]): string => stripIgnoredCharacters(print(node));

const isOperation = (node: { readonly kind: Kind }): node is OperationDefinitionNode =>
  node.kind === Kind.OPERATION_DEFINITION;

const isFragment = (node: { readonly kind: Kind }): node is FragmentDefinitionNode =>
  node.kind === Kind.FRAGMENT_DEFINITION;

function entitySelectionOf({ selectionSet }: OperationDefinitionNode): SelectionSetNode {
  const [entities] = selectionSet.selections;
  if (entities?.kind !== Kind.FIELD || entities.name.value !== '_entities' || !entities.selectionSet) {
    throw new TypeError('Expected a fetch of entities to select _entities and nothing else');
  }
  return entities.selectionSet;
}

/** Puts fragments where they are spread: joined operations would have different ones of the same name. */
function withoutSpreads(
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): SelectionSetNode {
  return {
    kind: Kind.SELECTION_SET,
    selections: selections.map((selection): SelectionNode => {
      if (selection.kind !== Kind.FRAGMENT_SPREAD) {
        if (!selection.selectionSet) return selection;
        return {
          ...selection,
          selectionSet: withoutSpreads(selection.selectionSet, fragments),
        };
      }
      const fragment = fragments.get(selection.name.value);
      if (!fragment) throw new TypeError(`Expected a fragment "${selection.name.value}" in a fetch`);
      return {
        kind: Kind.INLINE_FRAGMENT,
        typeCondition: fragment.typeCondition,
        ...(selection.directives && { directives: selection.directives }),
        selectionSet: withoutSpreads(fragment.selectionSet, fragments),
      };
    }),
  };
}

function collectKeys(
  { selections }: SelectionSetNode,
  applies: (condition: string) => boolean,
  keys = new Set<string>(),
): Set<string> {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) keys.add(selection.alias?.value ?? selection.name.value);
    if (selection.kind !== Kind.INLINE_FRAGMENT) continue;
    const condition = selection.typeCondition?.name.value;
    if (condition === undefined || applies(condition)) collectKeys(selection.selectionSet, applies, keys);
  }
  return keys;
}
