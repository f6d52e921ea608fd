import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  OperationTypeNode,
  parse,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
} from 'graphql';

const documentOf = (definitions: readonly DefinitionNode[]): DocumentNode => ({
  kind: Kind.DOCUMENT,
  definitions,
});

/** The names of the types that a document defines. */
export const definedTypes = ({ definitions }: DocumentNode): ReadonlySet<string> =>
  new Set(definitions.filter(isTypeDefinitionNode).map(({ name }) => name.value));

/**
 * The definitions that a document's `@link`s bring, except those that it has itself.
 *
 * @throws what `@apollo/subgraph` says of a version or an import that does not exist
 */
export function linkedDefinitions(document: DocumentNode): DocumentNode {
  const links = linksOf(document);
  const probe = parse('type Query { _probe: Int }');
  const schema = buildSubgraphSchema(
    links.length === 0
      ? probe
      : documentOf([...probe.definitions, { kind: Kind.SCHEMA_EXTENSION, directives: links }]),
  );
  const own = new Set(document.definitions.map(labelOf));
  const brought = [...schema.getDirectives(), ...Object.values(schema.getTypeMap())].flatMap(
    ({ astNode }): DefinitionNode[] => (astNode ? [astNode] : []),
  );
  return documentOf(brought.filter((node) => !own.has(labelOf(node)) && !madeForProbe.has(labelOf(node))));
}

const madeForProbe: ReadonlySet<string | undefined> = new Set(['Query', '_Service']);

const linksOf = ({ definitions }: DocumentNode): ConstDirectiveNode[] =>
  definitions.flatMap((definition) =>
    definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION
      ? (definition.directives ?? []).filter(({ name }) => name.value === 'link')
      : [],
  );

/** Tells a directive from a type of the same name. */
function labelOf(definition: DefinitionNode): string | undefined {
  if (definition.kind === Kind.DIRECTIVE_DEFINITION) return `@${definition.name.value}`;
  return isTypeDefinitionNode(definition) ? definition.name.value : undefined;
}

/** Types that are only extended are another subgraph's; a schema without queries still has those of federation. */
export function missingDefinitions(document: DocumentNode): DocumentNode {
  const { definitions } = document;
  const defined = definedTypes(document);
  const extended = definitions.filter(isTypeExtensionNode).filter(({ name }) => !defined.has(name.value));
  const empty = new Map(extended.map(({ kind, name }) => [name.value, { kind: definedAs[kind], name }]));
  const hasQuery = defined.has('Query') || empty.has('Query') || definitions.some(namesQueryType);
  const query = hasQuery ? [] : parse('type Query { _service: String }').definitions;
  return documentOf([...empty.values(), ...query]);
}

const definedAs = {
  [Kind.SCALAR_TYPE_EXTENSION]: Kind.SCALAR_TYPE_DEFINITION,
  [Kind.OBJECT_TYPE_EXTENSION]: Kind.OBJECT_TYPE_DEFINITION,
  [Kind.INTERFACE_TYPE_EXTENSION]: Kind.INTERFACE_TYPE_DEFINITION,
  [Kind.UNION_TYPE_EXTENSION]: Kind.UNION_TYPE_DEFINITION,
  [Kind.ENUM_TYPE_EXTENSION]: Kind.ENUM_TYPE_DEFINITION,
  [Kind.INPUT_OBJECT_TYPE_EXTENSION]: Kind.INPUT_OBJECT_TYPE_DEFINITION,
} as const;

const namesQueryType = (definition: DefinitionNode): boolean =>
  (definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION) &&
  (definition.operationTypes ?? []).some(({ operation }) => operation === OperationTypeNode.QUERY);
