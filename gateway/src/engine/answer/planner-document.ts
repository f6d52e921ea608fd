import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  Kind,
  visit,
  type ASTNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type NameNode,
  type NamedTypeNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

import type { FieldSelection, FragmentSelection, ReadOperation, Selections } from './selection.ts';
import type { TypeDependence } from './type-dependence.ts';

/**
 * Writes the operation as the planner is to see it: fields under their data keys, without introspection, without what
 * the caller may not see, `__typename` only where the answer depends on it. `undefined` when nothing is left to fetch.
 */
export const writePlannerDocument = (
  operation: ReadOperation,
  types: TypeDependence,
): DocumentNode | undefined => new DocumentWriter(types).write(operation);

class DocumentWriter {
  readonly #types: TypeDependence;
  /** Fragments by name; `undefined` for one of which nothing is left. */
  readonly #fragments = new Map<string, FragmentDefinitionNode | undefined>();

  constructor(types: TypeDependence) {
    this.#types = types;
  }

  write({ node, selections }: ReadOperation): DocumentNode | undefined {
    const left = this.#selections(selections);
    if (left.length === 0) return undefined;
    const fragments = [...this.#fragments.values()].filter((fragment) => fragment !== undefined);
    const used = variablesIn([...left, ...fragments, ...(node.directives ?? [])]);
    const operation: DefinitionNode = {
      ...node,
      variableDefinitions: (node.variableDefinitions ?? []).filter(({ variable }) =>
        used.has(variable.name.value),
      ),
      selectionSet: { kind: Kind.SELECTION_SET, selections: left },
    };
    return { kind: Kind.DOCUMENT, definitions: [operation, ...fragments] };
  }

  #selections(selections: Selections): SelectionNode[] {
    return selections.flatMap((selection) =>
      selection.kind === 'field' ? this.#fields(selection) : this.#fragment(selection),
    );
  }

  #fields(selection: FieldSelection): SelectionNode[] {
    const { parent, dataKey } = selection;
    if (dataKey === '__typename' || dataKey === '__schema' || dataKey === '__type') return [];
    const possible = this.#types.possibleTypes(parent);
    const allowed = possible.filter((type) => !this.#types.isRefused(type, selection));
    if (allowed.length === 0) return [];
    const field = this.#field(selection);
    if (allowed.length === possible.length) return [field];
    return allowed.map((type) => ({
      kind: Kind.INLINE_FRAGMENT,
      typeCondition: namedType(type.name),
      selectionSet: { kind: Kind.SELECTION_SET, selections: [field] },
    }));
  }

  #field({ node, dataKey, definition, directives, selections }: FieldSelection): FieldNode {
    const { alias: _clientAlias, selectionSet: _clientSelection, ...rest } = node;
    return {
      ...rest,
      ...(dataKey !== node.name.value && { alias: name(dataKey) }),
      directives,
      ...(selections && {
        selectionSet: {
          kind: Kind.SELECTION_SET,
          selections: this.#inside(getNamedType(definition.type), selections),
        },
      }),
    };
  }

  #inside(type: GraphQLNamedType, selections: Selections): SelectionNode[] {
    const left = this.#selections(selections);
    const needsTypename = isAbstractType(type) && this.#types.hangsOnType(type, selections);
    const isSure =
      isCompositeType(type) && this.#isSureToSelect(this.#types.possibleTypes(type), left, new Set());
    return needsTypename || !isSure ? [typename, ...left] : left;
  }

  /**
   * Whether something is selected whatever the conditions. Else the planner may leave out the field with all that is in
   * it, and there would be null where there should be an empty object.
   */
  #isSureToSelect(
    possible: readonly GraphQLObjectType[],
    selections: readonly SelectionNode[],
    seen: Set<SelectionSetNode>,
  ): boolean {
    return selections.some((selection) => {
      if (selection.directives?.some(({ name }) => mayLeaveOut.has(name.value))) return false;
      if (selection.kind === Kind.FIELD) return true;
      const fragment =
        selection.kind === Kind.FRAGMENT_SPREAD ? this.#fragments.get(selection.name.value) : selection;
      // One that is spread again: fragments within fragments would otherwise be looked through without end.
      if (!fragment || seen.has(fragment.selectionSet)) return false;
      seen.add(fragment.selectionSet);
      const on = fragment.typeCondition?.name.value;
      const narrowed = on === undefined ? possible : this.#types.narrow(possible, on);
      return narrowed.length > 0 && this.#isSureToSelect(narrowed, fragment.selectionSet.selections, seen);
    });
  }

  #fragment(fragment: FragmentSelection): SelectionNode[] {
    const { name: fragmentName, on, directives } = fragment;
    if (fragmentName === undefined) {
      const selections = this.#selections(fragment.selections);
      if (selections.length === 0) return [];
      return [
        {
          kind: Kind.INLINE_FRAGMENT,
          ...(on && { typeCondition: on }),
          directives,
          selectionSet: { kind: Kind.SELECTION_SET, selections },
        },
      ];
    }
    if (!this.#defined(fragmentName, fragment)) return [];
    return [{ kind: Kind.FRAGMENT_SPREAD, name: name(fragmentName), directives }];
  }

  #defined(
    fragmentName: string,
    { type, selections }: FragmentSelection,
  ): FragmentDefinitionNode | undefined {
    if (this.#fragments.has(fragmentName)) return this.#fragments.get(fragmentName);
    const left = this.#selections(selections);
    const fragment: FragmentDefinitionNode | undefined =
      left.length === 0
        ? undefined
        : {
            kind: Kind.FRAGMENT_DEFINITION,
            name: name(fragmentName),
            typeCondition: namedType(type.name),
            selectionSet: { kind: Kind.SELECTION_SET, selections: left },
          };
    this.#fragments.set(fragmentName, fragment);
    return fragment;
  }
}

const name = (value: string): NameNode => ({ kind: Kind.NAME, value });

const namedType = (value: string): NamedTypeNode => ({ kind: Kind.NAMED_TYPE, name: name(value) });

const typename: FieldNode = { kind: Kind.FIELD, name: name('__typename') };

// A deferred fragment is left out at first.
const mayLeaveOut: ReadonlySet<string> = new Set(['skip', 'include', 'defer']);

/** The variables that stand anywhere in these nodes. */
export function variablesIn(nodes: readonly ASTNode[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const node of nodes) visit(node, { Variable: (variable) => void found.add(variable.name.value) });
  return found;
}
