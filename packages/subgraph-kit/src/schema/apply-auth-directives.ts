import {
  defaultFieldResolver,
  isObjectType,
  type ConstDirectiveNode,
  type DocumentNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';

import { argumentOf, readLinks } from '@tributary/directives';

import type { Middleware } from '../guards/compose.ts';
import { requireAnyScopes, requireUser, type GuardedContext } from '../guards/guards.ts';

/**
 * Guards every field that is marked `@authenticated` or `@requiresScopes`, itself, by its type or by an interface of
 * its type. The gateway refuses these before it asks; a subgraph does not rely on it. The document says by its `@link`s
 * what it calls the directives.
 */
export function applyAuthDirectives(schema: GraphQLSchema, document: DocumentNode): void {
  const guardOf = createGuards(document);
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

/** Makes guards of directives; of others, none. */
function createGuards(document: DocumentNode) {
  const federation = readLinks(document).find(
    ({ identity }) => identity === 'https://specs.apollo.dev/federation',
  );
  const isCalled = (node: ConstDirectiveNode, name: string) => node.name.value === federation?.nameOf(name);
  return (directive: ConstDirectiveNode): Middleware<GuardedContext>[] => {
    if (isCalled(directive, 'authenticated')) return [requireUser];
    if (!isCalled(directive, 'requiresScopes')) return [];
    return [requireAnyScopes((argumentOf(directive, 'scopes') ?? []) as string[][])];
  };
}
