import { readLinks, isOurs } from '@tributary/directives';
import {
  isEnumType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  type DocumentNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';

/** Resolvers by type: of fields, or a scalar. */
export type ResolversByType = Readonly<Record<string, object>>;

/**
 * Finds resolvers that answer nothing, and root fields that nothing answers. A subscription field that events feed
 * needs none: the gateway asks for the entities of its events. The document says by its `@link`s what it calls `@event`.
 */
export function findResolverProblems(
  schema: GraphQLSchema,
  resolvers: ResolversByType,
  document: DocumentNode,
): string[] {
  const event = readLinks(document).find(isOurs)?.nameOf('event');
  return [
    ...Object.entries(resolvers).flatMap(([name, fields]) => strayResolvers(schema, name, fields)),
    ...missingResolvers(schema, resolvers, (root, field) => {
      return root === schema.getSubscriptionType() && hasDirective(field, event);
    }),
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
function missingResolvers(
  schema: GraphQLSchema,
  resolvers: ResolversByType,
  needsNone: (root: GraphQLObjectType, field: GraphQLField<unknown, unknown>) => boolean,
): string[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return roots
    .filter((root) => root != null)
    .flatMap((root) =>
      Object.values(root.getFields())
        .filter((field) => !Object.hasOwn(resolvers[root.name] ?? {}, field.name))
        .filter((field) => !madeByFederation.has(field.name) && !needsNone(root, field))
        .map((field) => `Expected a resolver for ${root.name}.${field.name}, but got none`),
    );
}

const hasDirective = ({ astNode }: GraphQLField<unknown, unknown>, wanted: string | undefined): boolean =>
  (astNode?.directives ?? []).some(({ name }) => name.value === wanted);

const madeByFederation = new Set(['_service', '_entities']);
