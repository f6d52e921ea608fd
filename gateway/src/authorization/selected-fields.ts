import { Kind, type DocumentNode, type SelectionSetNode } from 'graphql';

import type { TypeGraph } from './type-graph.ts';

/** A field as a document selects it. */
export interface SelectedField {
  /** The type that it is selected on; `undefined` where that cannot be told. */
  readonly parent: string | undefined;
  readonly name: string;
}

/**
 * Every field of data that a document selects, with the type that it is selected on. Each fragment is walked once, however
 * often it is spread: a document made of fragments within fragments takes no longer than its text is long.
 */
export function* selectedFields(document: DocumentNode, types: TypeGraph): Generator<SelectedField> {
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) {
      yield* fieldsOf(definition.selectionSet, types.rootOf(definition.operation), types);
    }
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      const parent = definition.typeCondition.name.value;
      if (!isOfIntrospection(parent)) yield* fieldsOf(definition.selectionSet, parent, types);
    }
  }
}

/** The fields of a selection set, those beneath included; fragment spreads are left to whoever has the fragments. */
export function* fieldsOf(
  { selections }: SelectionSetNode,
  parent: string | undefined,
  types: TypeGraph,
): Generator<SelectedField> {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const name = selection.name.value;
      yield { parent, name };
      if (selection.selectionSet && !isOfIntrospection(name)) {
        yield* fieldsOf(selection.selectionSet, returnTypeOf(parent, name, types), types);
      }
    }
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      yield* fieldsOf(selection.selectionSet, selection.typeCondition?.name.value ?? parent, types);
    }
  }
}

/** `__schema` and what is beneath: it says nothing of anybody's data. */
const isOfIntrospection = (name: string): boolean => name.startsWith('__');

function returnTypeOf(parent: string | undefined, name: string, types: TypeGraph): string | undefined {
  if (parent === undefined) return undefined;
  const own = types.field(parent, name);
  if (own) return own.returns;
  // A subgraph's object may be an interface of the supergraph, or the field one that only some implementations have.
  const returned = new Set(
    types.possibleTypes(parent).flatMap((type) => types.field(type, name)?.returns ?? []),
  );
  return returned.size === 1 ? [...returned][0] : undefined;
}
