import type { FetchDataRewrite, QueryPlanSelectionNode } from '@apollo/query-planner';
import { isInterfaceType, isNonNullType, isObjectType, type GraphQLSchema } from 'graphql';

import { readerOf, type ReadProperty } from './generate-reader.ts';
import { fitsCondition, isOfType, isTypeCondition, typeNamed } from './type-conditions.ts';

/** A field of a representation. */
export interface FieldReader {
  readonly key: string;
  readonly read: ReadProperty;
  /** `"name":`, with the name that the subgraph knows it by. */
  readonly prefix: string;
  /** What a rewrite puts in its place. */
  readonly constant: string | undefined;
  readonly isNonNull: boolean;
  readonly nested: FieldsByType | undefined;
}

/** What to read of an object depends on its type. */
export type FieldsByType = (typename: unknown) => readonly FieldReader[];

/** A rewrite, and how much of its path lies below the selection that it is seen from. */
export interface PendingRewrite {
  readonly rewrite: FetchDataRewrite;
  readonly path: readonly string[];
}

/** Compiles which fields a representation has; each type is worked out once. */
export function compileFieldsByType(
  selections: readonly QueryPlanSelectionNode[],
  rewrites: readonly PendingRewrite[],
  schema: GraphQLSchema,
): FieldsByType {
  const known = new Map<unknown, readonly FieldReader[]>();
  return (typename) => {
    const found = known.get(typename);
    if (found) return found;
    const fields = compileFields(selections, typename, rewrites, schema);
    // A name that is no type of the supergraph came from a subgraph that may send any number of them.
    if (typename === undefined || typeNamed(typename, schema)) known.set(typename, fields);
    return fields;
  };
}

function compileFields(
  selections: readonly QueryPlanSelectionNode[],
  typename: unknown,
  rewrites: readonly PendingRewrite[],
  schema: GraphQLSchema,
): readonly FieldReader[] {
  const applicable = rewrites.flatMap((pending) => enterType(pending, typename, schema));
  const selectionsByKey = new Map<string, QueryPlanSelectionNode[] | undefined>();
  collect(selections, typename, schema, selectionsByKey);
  return [...selectionsByKey].map(([key, nested]) => {
    const below = applicable.filter(({ path }) => path[0] === key);
    const own = below.filter(({ path }) => path.length === 1).map(({ rewrite }) => rewrite);
    const setter = own.find((rewrite) => rewrite.kind === 'ValueSetter');
    const renamer = own.find((rewrite) => rewrite.kind === 'KeyRenamer');
    const deeper = below
      .filter(({ path }) => path.length > 1)
      .map(({ rewrite, path }) => ({ rewrite, path: path.slice(1) }));
    return {
      key,
      read: readerOf(key),
      prefix: `${JSON.stringify(renamer?.renameKeyTo ?? key)}:`,
      constant: setter && JSON.stringify(setter.setValueTo),
      isNonNull: isNonNullField(typename, key, schema),
      nested: nested && compileFieldsByType(nested, deeper, schema),
    };
  });
}

/** Fields of one key that several fragments select become one field with the selections of all. */
function collect(
  selections: readonly QueryPlanSelectionNode[],
  typename: unknown,
  schema: GraphQLSchema,
  into: Map<string, QueryPlanSelectionNode[] | undefined>,
): void {
  for (const selection of selections) {
    if (selection.kind === 'InlineFragment') {
      const { typeCondition } = selection;
      if (typeCondition !== undefined && !isOfType(typename, typeCondition, schema)) continue;
      collect(selection.selections, typename, schema, into);
      continue;
    }
    const key = selection.alias ?? selection.name;
    const nested = selection.selections && [...(into.get(key) ?? []), ...selection.selections];
    into.set(key, nested);
  }
}

/** Follows a rewrite through the type conditions at the head of its path; gone when one does not fit. */
function enterType(
  { rewrite, path }: PendingRewrite,
  typename: unknown,
  schema: GraphQLSchema,
): readonly PendingRewrite[] {
  const [first] = path;
  if (first === undefined || !isTypeCondition(first)) return [{ rewrite, path }];
  return fitsCondition(typename, first, schema)
    ? enterType({ rewrite, path: path.slice(1) }, typename, schema)
    : [];
}

function isNonNullField(typename: unknown, key: string, schema: GraphQLSchema): boolean {
  const type = typeNamed(typename, schema);
  if (!isObjectType(type) && !isInterfaceType(type)) return false;
  const field = type.getFields()[key];
  return field !== undefined && isNonNullType(field.type);
}
