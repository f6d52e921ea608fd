import type { FetchDataKeyRenamer } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';

import { isDataObject, readKey, type DataObject } from './data-tree.ts';
import { jsonText } from './json-text.ts';
import { fitsCondition, isTypeCondition } from './type-conditions.ts';

/** The variables that `@fromContext` arguments of each entity take, as JSON text; none where a value is missing. */
export type ReadContexts = (root: DataObject) => ReadonlyMap<DataObject, string>;

/**
 * Compiles how a fetch finds the values that its entities take from objects above them.
 *
 * @param path where the entities are
 * @param rewrites each with a path that goes up by `..` from the entity and then down to the value
 */
export function compileReadContexts(
  path: readonly (string | number)[],
  rewrites: readonly FetchDataKeyRenamer[] | undefined,
  schema: GraphQLSchema,
): ReadContexts | undefined {
  if (!rewrites || rewrites.length === 0) return undefined;
  const keys = path.map((element) => String(element).split('|')[0] ?? '').filter((key) => key && key !== '@');
  return (root) => {
    const texts = new Map<DataObject, string>();
    visit(root, keys, [], (target, ancestors) => {
      const text = contextText(ancestors, rewrites, schema);
      if (text !== undefined) texts.set(target, text);
    });
    return texts;
  };
}

/** Visits every object at the path together with those above it, itself the last. */
function visit(
  value: unknown,
  keys: readonly string[],
  above: readonly DataObject[],
  found: (target: DataObject, ancestors: readonly DataObject[]) => void,
): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, keys, above, found);
    return;
  }
  if (!isDataObject(value)) return;
  const ancestors = [...above, value];
  const [key, ...rest] = keys;
  if (key === undefined) found(value, ancestors);
  else visit(readKey(value, key), rest, ancestors, found);
}

function contextText(
  ancestors: readonly DataObject[],
  rewrites: readonly FetchDataKeyRenamer[],
  schema: GraphQLSchema,
): string | undefined {
  const values = new Map<string, unknown>();
  for (const { path, renameKeyTo } of rewrites) {
    const up = path.filter((element) => element === '..').length;
    const value = readBelow(ancestors[ancestors.length - 1 - up], path.slice(up), schema);
    // One argument may come from objects of several types: the rewrite of the type at hand finds a value.
    if (value !== undefined) values.set(renameKeyTo, value);
  }
  const wanted = new Set(rewrites.map(({ renameKeyTo }) => renameKeyTo));
  if (values.size < wanted.size) return undefined;
  return [...values].map(([name, value]) => `${JSON.stringify(name)}:${jsonText(value)}`).join(',');
}

function readBelow(value: unknown, path: readonly string[], schema: GraphQLSchema): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  if (Array.isArray(value)) return value.map((item) => readBelow(item, path, schema));
  if (!isDataObject(value)) return value === null ? null : undefined;
  if (!isTypeCondition(first)) return readBelow(readKey(value, first), rest, schema);
  return fitsCondition(value['__typename'], first, schema) ? readBelow(value, rest, schema) : undefined;
}
