import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  Kind,
  OperationTypeNode,
  visit,
  type ASTNode,
  type DefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type NameNode,
  type NamedTypeNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

import { inMutationOrder } from './mutation-order.ts';
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
  /** By what is selected in them; `undefined` for one of which nothing is left. */
  readonly #known = new Map<Selections, FragmentDefinitionNode | undefined>();
  /** By names of our own, since plans are not to depend on a client's. */
  readonly #fragments = new Map<string, FragmentDefinitionNode>();

  constructor(types: TypeDependence) {
    this.#types = types;
  }

  write({ node, selections }: ReadOperation): DocumentNode | undefined {
    const isMutation = node.operation === OperationTypeNode.MUTATION;
    const left = this.#selections(isMutation ? inMutationOrder(selections) : selections);
    if (left.length === 0) return undefined;
    const fragments = [...this.#fragments.values()];
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
    const { parent, dataKey, definition } = selection;
    if (dataKey === '__typename' || dataKey === '__schema' || dataKey === '__type') return [];
    const possible = this.#types.possibleTypes(parent);
    const allowed = this.#types.allowedTypes(parent, definition.name);
    if (allowed.length === 0) return [];
    if (allowed.length === possible.length) return [this.#field(selection)];
    const field = this.#shareSelections(this.#field(selection), selection);
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

  /** Named, since it is written for many types: copies within copies would be too many to print. */
  #shareSelections(field: FieldNode, { definition, selections }: FieldSelection): FieldNode {
    const { selectionSet } = field;
    if (!selectionSet || !selections) return field;
    const type = getNamedType(definition.type).name;
    const fragment = this.#known.get(selections) ?? this.#define(selections, type, selectionSet.selections);
    return { ...field, selectionSet: { kind: Kind.SELECTION_SET, selections: [spread(fragment)] } };
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
    const named = this.#named(fragment);
    return named ? [spread(named, directives)] : [];
  }

  #named({ type, selections }: FragmentSelection): FragmentDefinitionNode | undefined {
    if (this.#known.has(selections)) return this.#known.get(selections);
    const left = this.#selections(selections);
    if (left.length > 0) return this.#define(selections, type.name, left);
    this.#known.set(selections, undefined);
    return undefined;
  }

  #define(selections: Selections, type: string, left: readonly SelectionNode[]): FragmentDefinitionNode {
    const fragment: FragmentDefinitionNode = {
      kind: Kind.FRAGMENT_DEFINITION,
      name: name(`F${this.#fragments.size + 1}`),
      typeCondition: namedType(type),
      selectionSet: { kind: Kind.SELECTION_SET, selections: left },
    };
    this.#fragments.set(fragment.name.value, fragment);
    this.#known.set(selections, fragment);
    return fragment;
  }
}

const spread = (
  fragment: FragmentDefinitionNode,
  directives: readonly DirectiveNode[] = [],
): FragmentSpreadNode => ({ kind: Kind.FRAGMENT_SPREAD, name: fragment.name, directives });

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
