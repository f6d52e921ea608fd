import {
  isEnumType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';

/** Resolvers by type: of fields, or a scalar. */
export type ResolversByType = Readonly<Record<string, object>>;

/** Finds resolvers that answer nothing, and root fields that nothing answers. */
export function findResolverProblems(schema: GraphQLSchema, resolvers: ResolversByType): string[] {
  return [
    ...Object.entries(resolvers).flatMap(([name, fields]) => strayResolvers(schema, name, fields)),
    ...missingResolvers(schema, resolvers),
  ];
}

function strayResolvers(schema: GraphQLSchema, name: string, fields: object): string[] {
  const type = schema.getType(name);
  if (!type) return [`Expected a type ${name} for its resolvers, but the schema has none`];
  const known = placesOf(type);
  if (!known) return [];
  return Object.keys(fields)
    .filter((field) => !field.startsWith('__') && !known.includes(field))
    .map((field) => `Expected a field ${name}.${field} for its resolver, but the schema has none`);
}

/** What may have a resolver or a value; nothing is known of scalars, whose functions are fields as well. */
function placesOf(type: GraphQLNamedType): readonly string[] | undefined {
  if (isScalarType(type)) return undefined;
  if (isEnumType(type)) return type.getValues().map(({ name }) => name);
  if (isObjectType(type) || isInterfaceType(type)) return Object.keys(type.getFields());
  return [];
}

/** A root field has no parent that could hold its value: without a resolver it would always be null. */
function missingResolvers(schema: GraphQLSchema, resolvers: ResolversByType): string[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return roots
    .filter((root) => root != null)
    .flatMap((root) =>
      Object.keys(root.getFields())
        .filter((field) => !madeByFederation.has(field) && !Object.hasOwn(resolvers[root.name] ?? {}, field))
        .map((field) => `Expected a resolver for ${root.name}.${field}, but got none`),
    );
}

const madeByFederation = new Set(['_service', '_entities']);
