import {
  Kind,
  type ConstDirectiveNode,
  type ConstValueNode,
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
  /** The types that set a context, by its name. */
  readonly typesOfContext: ReadonlyMap<string, readonly string[]>;

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
    this.typesOfContext = typesOfContext(this.#types.values());
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

  /** A type, the interfaces that it implements and the types that implement it: one object may be any of them. */
  relatives(typeName: string): string[] {
    const interfaces = this.#types.get(typeName)?.interfaces?.map(({ name }) => name.value) ?? [];
    return [...new Set([...this.withImplementations(typeName), ...interfaces])];
  }

  /** What `contextArguments: [{ context, name, type, selection }]` select, and on which types. */
  contextSelections(
    value: ConstValueNode | undefined,
  ): { selection: string; typeNames: readonly string[] }[] {
    const items = value?.kind === Kind.LIST ? value.values : [];
    return items.flatMap((item) => {
      const selection = textField(item, 'selection');
      const typeNames = this.typesOfContext.get(textField(item, 'context') ?? '') ?? [];
      return selection === undefined ? [] : [{ selection, typeNames }];
    });
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

function textField(value: ConstValueNode, field: string): string | undefined {
  const found =
    value.kind === Kind.OBJECT ? value.fields.find(({ name }) => name.value === field)?.value : undefined;
  return found?.kind === Kind.STRING ? found.value : undefined;
}

function typesOfContext(types: Iterable<FieldsType>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const type of types) {
    for (const directive of type.directives ?? []) {
      const context = directive.name.value === 'context' ? textArgument(directive, 'name') : undefined;
      if (context !== undefined) found.set(context, [...(found.get(context) ?? []), type.name.value]);
    }
  }
  return found;
}
