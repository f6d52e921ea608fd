import {
  defaultFieldResolver,
  isObjectType,
  valueFromASTUntyped,
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';

import type { Middleware } from '../guards/compose.ts';
import { requireAnyScopes, requireUser, type GuardedContext } from '../guards/guards.ts';

/**
 * Guards every field that is marked `@authenticated` or `@requiresScopes`, itself, by its type or by an interface of
 * its type. The gateway refuses these before it asks; a subgraph does not rely on it.
 */
export function applyAuthDirectives(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('_')) continue;
    const ofType = [type, ...type.getInterfaces()].flatMap(directivesOf);
    for (const field of Object.values(type.getFields())) {
      const inherited = type
        .getInterfaces()
        .flatMap((parent) => directivesOf(parent.getFields()[field.name]));
      const guards = [...ofType, ...directivesOf(field), ...inherited].flatMap(guardOf);
      for (const guard of guards) field.resolve = guard(field.resolve ?? defaultFieldResolver);
    }
  }
}

type Marked = GraphQLNamedType | GraphQLField<unknown, unknown> | undefined;

const directivesOf = (marked: Marked): readonly ConstDirectiveNode[] => [
  ...(marked?.astNode?.directives ?? []),
  ...(marked && 'extensionASTNodes' in marked ? marked.extensionASTNodes : []).flatMap(
    ({ directives }) => directives ?? [],
  ),
];

/** The names that federation gives its directives: imported, or in their namespace. A renamed one is not known here. */
function guardOf({ name, arguments: args = [] }: ConstDirectiveNode): Middleware<GuardedContext>[] {
  const directive = name.value.replace(/^federation__/, '');
  if (directive === 'authenticated') return [requireUser];
  if (directive !== 'requiresScopes') return [];
  const scopes = args.find((argument) => argument.name.value === 'scopes');
  return [requireAnyScopes(scopes ? (valueFromASTUntyped(scopes.value) as string[][]) : [])];
}
