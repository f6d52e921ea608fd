import {
  getNamedType,
  isCompositeType,
  isObjectType,
  Kind,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type InlineFragmentNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/**
 * Writes an operation in which fragments are on object types only: one for each type that an object there may have,
 * and none where there is no such type. Fragments with names become ones without, since what they stand in differs
 * from place to place.
 *
 * @example { node { ... on Named { name } } } // { node { ... on User { name } ... on Tag { name } } }
 */
export function withConcreteFragments(schema: GraphQLSchema, document: DocumentNode): DocumentNode {
  const fragments = new Map(
    document.definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const writer = new ConcreteWriter(schema, fragments);
  const definitions = document.definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return [];
    const root = schema.getRootType(definition.operation);
    return root
      ? { ...definition, selectionSet: writer.rewrite(definition.selectionSet, [root]) }
      : definition;
  });
  return { ...document, definitions };
}

class ConcreteWriter {
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;

  constructor(schema: GraphQLSchema, fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.#schema = schema;
    this.#fragments = fragments;
  }

  rewrite(selectionSet: SelectionSetNode, possible: readonly GraphQLObjectType[]): SelectionSetNode {
    const selections = this.#selections(selectionSet, possible);
    return { ...selectionSet, selections: selections.length > 0 ? selections : [typename] };
  }

  #selections({ selections }: SelectionSetNode, possible: readonly GraphQLObjectType[]): SelectionNode[] {
    return selections.flatMap((selection): SelectionNode[] => {
      if (selection.kind === Kind.FIELD) return [this.#field(selection, possible)];
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments.get(selection.name.value);
      return fragment ? this.#fragment(fragment, selection.directives ?? [], possible) : [];
    });
  }

  #fragment(
    { typeCondition, selectionSet }: InlineFragmentNode | FragmentDefinitionNode,
    directives: readonly DirectiveNode[],
    possible: readonly GraphQLObjectType[],
  ): SelectionNode[] {
    const write = (types: readonly GraphQLObjectType[], on?: GraphQLObjectType): InlineFragmentNode[] => {
      const selections = this.#selections(selectionSet, types);
      const condition = on && ({ kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: on.name } } as const);
      const inline = { ...(condition && { typeCondition: condition }), directives };
      return selections.length > 0
        ? [{ kind: Kind.INLINE_FRAGMENT, ...inline, selectionSet: { ...selectionSet, selections } }]
        : [];
    };
    if (!typeCondition) return write(possible);
    const on = this.#possibleTypes(this.#schema.getType(typeCondition.name.value));
    const fitting = possible.filter((type) => on.includes(type));
    return fitting.flatMap((type) => write([type], type));
  }

  #field(node: FieldNode, parents: readonly GraphQLObjectType[]): FieldNode {
    if (!node.selectionSet) return node;
    const types = parents.flatMap((parent) => {
      const field = parent.getFields()[node.name.value];
      return field ? this.#possibleTypes(getNamedType(field.type)) : [];
    });
    return { ...node, selectionSet: this.rewrite(node.selectionSet, [...new Set(types)]) };
  }

  #possibleTypes(type: GraphQLNamedType | undefined): readonly GraphQLObjectType[] {
    if (!isCompositeType(type)) return [];
    return isObjectType(type) ? [type] : this.#schema.getPossibleTypes(type);
  }
}

const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };
