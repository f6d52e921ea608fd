import {
  Kind,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  type ObjectTypeDefinitionNode,
  type TypeNode,
} from 'graphql';

/** A type of the supergraph that has fields. */
export type FieldsType = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

/** The types of a supergraph that have fields, by their names, and how they hang together. */
export class SupergraphTypes {
  readonly #types: ReadonlyMap<string, FieldsType>;
  /** What stands for a subgraph in `@join__…(graph:)`, by its name. */
  readonly graphs: ReadonlyMap<string, string>;

  constructor({ definitions }: DocumentNode) {
    this.#types = new Map(definitions.filter(hasFields).map((type) => [type.name.value, type]));
    const graphEnum = definitions.find(
      (node) => node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === 'join__Graph',
    );
    const values = graphEnum?.kind === Kind.ENUM_TYPE_DEFINITION ? (graphEnum.values ?? []) : [];
    this.graphs = new Map(
      values.map((value) => [
        textArgument(value.directives?.[0], 'name') ?? value.name.value,
        value.name.value,
      ]),
    );
  }

  all(): Iterable<FieldsType> {
    return this.#types.values();
  }

  field(typeName: string, fieldName: string): FieldDefinitionNode | undefined {
    return this.#types.get(typeName)?.fields?.find(({ name }) => name.value === fieldName);
  }

  directives(typeName: string): readonly ConstDirectiveNode[] {
    return this.#types.get(typeName)?.directives ?? [];
  }

  /** A type and, if it is an interface, all types that implement it. */
  withImplementations(typeName: string): string[] {
    const implementations = [...this.#types.values()].filter(({ interfaces }) =>
      interfaces?.some(({ name }) => name.value === typeName),
    );
    return [typeName, ...implementations.map(({ name }) => name.value)];
  }
}

export const hasFields = (node: { readonly kind: Kind }): node is FieldsType =>
  node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION;

/** The name of a type without its lists and non-nulls. */
export const namedType = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);

/** How a field is joined: one for each subgraph that has it. */
export const joinsOf = ({ directives = [] }: FieldDefinitionNode): ConstDirectiveNode[] =>
  directives.filter(({ name }) => name.value === 'join__field');

/** A string or enum value among the arguments of a directive. */
export function textArgument(
  directive: ConstDirectiveNode | undefined,
  argument: string,
): string | undefined {
  const value = directive?.arguments?.find(({ name }) => name.value === argument)?.value;
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined;
}
