import { defineError } from '@tributary/errors';
import { Kind, parse, type DocumentNode, type SelectionSetNode } from 'graphql';

import type { ResolversByType } from './find-resolver-problems.ts';

const KeyMissing = defineError(
  'BAD_USER_INPUT',
  (type: string, keys: readonly string[]) =>
    `Expected a representation of ${type} to have the key ${keys.map((key) => `"${key}"`).join(' or ')}`,
);

type Representation = Readonly<Record<string, unknown>>;
type ReferenceResolver = (representation: Representation, ...rest: unknown[]) => unknown;

/**
 * Makes every reference resolver refuse a representation that has none of its type's keys, and makes it fail alone:
 * one that throws before it returns a promise would take all other entities of the request with it.
 */
export function guardReferences(resolvers: ResolversByType, typeDefs: DocumentNode): ResolversByType {
  const keys = keysByType(typeDefs);
  return Object.fromEntries(
    Object.entries(resolvers).map(([type, fields]) => {
      const resolve = referenceResolverOf(fields);
      if (!resolve) return [type, fields];
      return [type, { ...fields, __resolveReference: guarded(type, resolve, keys.get(type) ?? []) }];
    }),
  );
}

function guarded(type: string, resolve: ReferenceResolver, keys: readonly string[]): ReferenceResolver {
  const selections = keys.map(selectionOf);
  return (representation, ...rest) => {
    const hasKey = keys.length === 0 || selections.some((selection) => isWhole(representation, selection));
    if (!hasKey) return Promise.reject(new KeyMissing(type, keys));
    try {
      return resolve(representation, ...rest);
    } catch (error: unknown) {
      return Promise.reject(error);
    }
  };
}

const referenceResolverOf = (fields: unknown): ReferenceResolver | undefined => {
  const resolve = (fields as { readonly __resolveReference?: unknown }).__resolveReference;
  return typeof resolve === 'function' ? (resolve as ReferenceResolver) : undefined;
};

/** The `fields` of each `@key`, by type; an extension's belong to its type. */
function keysByType(typeDefs: DocumentNode): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, string[]>();
  for (const definition of typeDefs.definitions) {
    if (!('directives' in definition) || !('name' in definition) || !definition.name) continue;
    const own = (definition.directives ?? []).flatMap(({ name, arguments: args = [] }) => {
      const fields = args.find((argument) => argument.name.value === 'fields')?.value;
      const isKey = name.value === 'key' || name.value === 'federation__key';
      return isKey && fields?.kind === Kind.STRING ? [fields.value] : [];
    });
    keys.set(definition.name.value, [...(keys.get(definition.name.value) ?? []), ...own]);
  }
  return keys;
}

function selectionOf(key: string): SelectionSetNode | undefined {
  const [operation] = parse(`{${key}}`).definitions;
  return operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet : undefined;
}

/** True when each field of a key has a value, which is an object just where the key goes on inside. */
function isWhole(value: unknown, selection: SelectionSetNode | undefined): boolean {
  if (!selection) return value != null && typeof value !== 'object';
  if (value == null || typeof value !== 'object') return false;
  return selection.selections.every(
    (field) =>
      field.kind !== Kind.FIELD || isWhole((value as Representation)[field.name.value], field.selectionSet),
  );
}
