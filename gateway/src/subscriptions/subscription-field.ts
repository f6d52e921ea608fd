import { getArgumentValues, Kind, type FieldNode, type GraphQLSchema, type SelectionSetNode } from 'graphql';

import type { Operation } from '../operations/prepare-document.ts';

/** The one field of a subscription. */
export interface SubscriptionField {
  readonly name: string;
  /** Coerced, with the defaults of the schema. */
  readonly args: Readonly<Record<string, unknown>>;
}

/** Finds the field that a valid subscription selects, and its arguments. */
export function subscriptionFieldOf(
  { node, document }: Operation,
  schema: GraphQLSchema,
  variables: Readonly<Record<string, unknown>>,
): SubscriptionField {
  const find = ({ selections }: SelectionSetNode): FieldNode | undefined => {
    for (const selection of selections) {
      const found = selection.kind === Kind.FIELD ? selection : find(selectionSetOf(selection));
      if (found) return found;
    }
    return undefined;
  };
  const selectionSetOf = (selection: Exclude<SelectionSetNode['selections'][number], FieldNode>) => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return selection.selectionSet;
    const fragment = document.definitions.find(
      (definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
    );
    return fragment?.kind === Kind.FRAGMENT_DEFINITION ? fragment.selectionSet : empty;
  };
  const field = find(node.selectionSet);
  const definition = schema.getSubscriptionType()?.getFields()[field?.name.value ?? ''];
  if (!field || !definition) throw new TypeError('Expected a subscription to select a field of the schema');
  return { name: definition.name, args: getArgumentValues(definition, field, variables) };
}

const empty: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [] };
