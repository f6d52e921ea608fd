import {
  buildASTSchema,
  execute,
  isObjectType,
  Kind,
  parse,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql';

import type { Graph, Representation, Subgraph } from './graph.ts';

type Resolvers = NonNullable<Subgraph['resolvers']>;

/** Answers an operation with graphql-js. */
export type Execute = (request: {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}) => ExecutionResult;

/** Answers as a subgraph does, entities included. */
export function executableSubgraph({ sdl, resolvers = {}, entities }: Subgraph): Execute {
  const document = parse(sdl);
  const schema = buildSchema(withEntities(document, Object.keys(entities)), resolvers);
  const find = (representation: Representation) => {
    const entity = entities[representation.__typename]?.(representation);
    return entity && { ...entity, __typename: representation.__typename };
  };
  const rootValue = {
    _entities: ({ representations }: { readonly representations: readonly Representation[] }) =>
      representations.map(find),
  };
  return executeOn(schema, rootValue);
}

/** Answers as one server would that holds the whole graph: what every gateway must answer. */
export function executableWhole(graph: Graph, supergraphSdl: string): Execute {
  const resolvers: Record<string, Resolvers[string]> = {};
  for (const subgraph of graph.subgraphs) {
    for (const [type, fields] of Object.entries(subgraph.resolvers ?? {})) {
      resolvers[type] = { ...resolvers[type], ...fields };
    }
  }
  return executeOn(buildSchema(parse(supergraphSdl), resolvers), undefined);
}

const executeOn =
  (schema: GraphQLSchema, rootValue: unknown): Execute =>
  ({ query, variables, operationName }) =>
    execute({
      schema,
      rootValue,
      document: parse(query),
      variableValues: variables ?? null,
      operationName: operationName ?? null,
    }) as ExecutionResult;

function buildSchema(document: DocumentNode, resolvers: Resolvers): GraphQLSchema {
  // Federation's directives are not declared in the schemas that use them.
  const schema = buildASTSchema(document, { assumeValidSDL: true });
  for (const [typeName, fields] of Object.entries(resolvers)) {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) throw new TypeError(`Expected "${typeName}" to be an object type of the schema`);
    const declared = type.getFields();
    for (const [name, resolve] of Object.entries(fields)) {
      const field = declared[name];
      if (!field) throw new TypeError(`Expected the schema to have ${typeName}.${name}`);
      field.resolve = resolve;
    }
  }
  return schema;
}

/** Adds what federation asks of every subgraph. */
function withEntities(document: DocumentNode, types: readonly string[]): DocumentNode {
  const hasQuery = document.definitions.some(
    (definition) => definition.kind === Kind.OBJECT_TYPE_DEFINITION && definition.name.value === 'Query',
  );
  const federation = parse(`
    scalar _Any
    union _Entity = ${types.join(' | ')}
    ${hasQuery ? 'extend ' : ''}type Query { _entities(representations: [_Any!]!): [_Entity]! }
  `);
  return { ...document, definitions: [...document.definitions, ...federation.definitions] };
}
