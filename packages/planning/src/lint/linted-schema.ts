import {
  Kind,
  type ASTNode,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  type NamedTypeNode,
  type NameNode,
  type StringValueNode,
  type TypeDefinitionNode,
  type TypeExtensionNode,
  type TypeNode,
} from 'graphql';

/** An error fails the command; a warning asks for a look; an info is advice. */
export type Severity = 'error' | 'warning' | 'info';

/** What a rule found, at a node that has a name. */
export interface Finding {
  readonly node: ASTNode & { readonly name: NameNode };
  readonly coordinate: string;
  readonly message: string;
}

/** One idea about what a schema should be. */
export interface LintRule {
  readonly name: string;
  readonly severity: Severity;
  readonly check: (schema: LintedSchema) => Iterable<Finding>;
}

/** A type with all its parts, whether they stand in its definition or in extensions. */
export interface LintedType {
  readonly name: string;
  readonly kind: 'scalar' | 'object' | 'interface' | 'union' | 'enum' | 'input';
  /** The definition, or the first extension where the type is another subgraph's. */
  readonly node: TypeDefinitionNode | TypeExtensionNode;
  readonly description: StringValueNode | undefined;
  readonly directives: readonly ConstDirectiveNode[];
  readonly interfaces: readonly NamedTypeNode[];
  /** Of an object or interface. */
  readonly fields: readonly FieldDefinitionNode[];
  /** Of an input. */
  readonly inputFields: readonly InputValueDefinitionNode[];
  /** Of a union. */
  readonly members: readonly NamedTypeNode[];
  /** Of an enum. */
  readonly values: readonly (ASTNode & { readonly name: NameNode })[];
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : T[Key] };

const kinds = {
  [Kind.SCALAR_TYPE_DEFINITION]: 'scalar',
  [Kind.SCALAR_TYPE_EXTENSION]: 'scalar',
  [Kind.OBJECT_TYPE_DEFINITION]: 'object',
  [Kind.OBJECT_TYPE_EXTENSION]: 'object',
  [Kind.INTERFACE_TYPE_DEFINITION]: 'interface',
  [Kind.INTERFACE_TYPE_EXTENSION]: 'interface',
  [Kind.UNION_TYPE_DEFINITION]: 'union',
  [Kind.UNION_TYPE_EXTENSION]: 'union',
  [Kind.ENUM_TYPE_DEFINITION]: 'enum',
  [Kind.ENUM_TYPE_EXTENSION]: 'enum',
  [Kind.INPUT_OBJECT_TYPE_DEFINITION]: 'input',
  [Kind.INPUT_OBJECT_TYPE_EXTENSION]: 'input',
} as const;

type TypeNodeOfDocument = TypeDefinitionNode | TypeExtensionNode;

/** A parsed schema, ready to be asked what rules want to know. */
export class LintedSchema {
  readonly document: DocumentNode;
  /** By name, in the order of the document; what `@link` brings (`link__Import`, `federation__FieldSet`) is left out. */
  readonly types: ReadonlyMap<string, LintedType>;
  readonly #rootNames: Readonly<Record<string, string>>;

  constructor(document: DocumentNode) {
    this.document = document;
    this.types = collectTypes(document);
    this.#rootNames = collectRootNames(document);
  }

  ofKind(...wanted: readonly LintedType['kind'][]): LintedType[] {
    return [...this.types.values()].filter(({ kind }) => wanted.includes(kind));
  }

  root(operation: 'query' | 'mutation' | 'subscription'): LintedType | undefined {
    return this.types.get(this.#rootNames[operation] ?? '');
  }

  isRoot(name: string): boolean {
    return Object.values(this.#rootNames).includes(name);
  }

  /** True for what other subgraphs can refer to by key, which is also what there may be any number of. */
  isEntity(name: string): boolean {
    const type = this.types.get(name);
    if (!type) return false;
    if (hasDirective(type, 'key')) return true;
    if (type.kind === 'union') return type.members.some((member) => this.isEntity(member.name.value));
    return (
      type.kind === 'interface' && this.implementations(name).some((object) => this.isEntity(object.name))
    );
  }

  implementations(interfaceName: string): LintedType[] {
    return this.ofKind('object', 'interface').filter(({ interfaces }) =>
      interfaces.some(({ name }) => name.value === interfaceName),
    );
  }
}

function collectTypes(document: DocumentNode): Map<string, LintedType> {
  const types = new Map<string, Mutable<LintedType>>();
  for (const node of document.definitions) {
    if (!(node.kind in kinds)) continue;
    const part = node as TypeNodeOfDocument;
    const name = part.name.value;
    if (name.includes('__')) continue;
    const type = types.get(name) ?? emptyType(part);
    types.set(name, type);
    addPart(type, part);
  }
  return types;
}

const emptyType = (node: TypeNodeOfDocument): Mutable<LintedType> => ({
  name: node.name.value,
  kind: kinds[node.kind],
  node,
  description: undefined,
  directives: [],
  interfaces: [],
  fields: [],
  inputFields: [],
  members: [],
  values: [],
});

function addPart(type: Mutable<LintedType>, part: TypeNodeOfDocument): void {
  if ('description' in part && part.description) type.description = part.description;
  if (!part.kind.endsWith('Extension')) type.node = part;
  type.directives.push(...(part.directives ?? []));
  if ('interfaces' in part) type.interfaces.push(...(part.interfaces ?? []));
  if ('types' in part) type.members.push(...(part.types ?? []));
  if ('values' in part) type.values.push(...(part.values ?? []));
  if (!('fields' in part)) return;
  if (type.kind === 'input') type.inputFields.push(...((part.fields ?? []) as InputValueDefinitionNode[]));
  else type.fields.push(...((part.fields ?? []) as FieldDefinitionNode[]));
}

function collectRootNames(document: DocumentNode): Record<string, string> {
  const names: Record<string, string> = {
    query: 'Query',
    mutation: 'Mutation',
    subscription: 'Subscription',
  };
  for (const node of document.definitions) {
    if (node.kind !== Kind.SCHEMA_DEFINITION && node.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const { operation, type } of node.operationTypes ?? []) names[operation] = type.name.value;
  }
  return names;
}

/** Knows `@key` whether it was imported or is written `@federation__key`. */
export const hasDirective = (
  node: { readonly directives?: readonly ConstDirectiveNode[] | undefined },
  name: string,
): boolean =>
  (node.directives ?? []).some(({ name: { value } }) => value === name || value === `federation__${name}`);

/** The type beneath lists and `!`. */
export const namedType = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);

/** True for `[X]`, `[X!]!` and so on. */
export const isList = (type: TypeNode): boolean =>
  type.kind === Kind.LIST_TYPE || (type.kind === Kind.NON_NULL_TYPE && type.type.kind === Kind.LIST_TYPE);

export const isRequired = (type: TypeNode): boolean => type.kind === Kind.NON_NULL_TYPE;
