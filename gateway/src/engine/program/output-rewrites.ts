import type { FetchDataRewrite } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';

import { isDataObject, readKey, type DataObject } from './data-tree.ts';
import { fitsCondition, isTypeCondition } from './type-conditions.ts';

/**
 * Changes an answer as the plan says before it goes into the tree: a subgraph could not be asked for two fields of one
 * name and different types at one place, so one of them came under another name.
 *
 * @param typename the type of the object at the top, where the answer does not say it
 */
export type RewriteAnswer = (data: DataObject, typename?: unknown) => void;

/** @returns `undefined` when there is nothing to change */
export function compileOutputRewrites(
  rewrites: readonly FetchDataRewrite[] | undefined,
  schema: GraphQLSchema,
): RewriteAnswer | undefined {
  if (!rewrites || rewrites.length === 0) return undefined;
  return (data, typename) => {
    for (const rewrite of rewrites) rewriteAt(data, rewrite.path, { rewrite, schema, typename });
  };
}

interface RewriteContext {
  readonly rewrite: FetchDataRewrite;
  readonly schema: GraphQLSchema;
  /** The type of the object, where it does not say it itself. */
  readonly typename: unknown;
}

function rewriteAt(value: unknown, path: readonly string[], context: RewriteContext): void {
  if (Array.isArray(value)) {
    for (const item of value) rewriteAt(item, path, context);
    return;
  }
  const [first, ...rest] = path;
  if (!isDataObject(value) || first === undefined) return;
  if (isTypeCondition(first)) {
    const typename = value['__typename'] ?? context.typename;
    if (fitsCondition(typename, first, context.schema)) rewriteAt(value, rest, context);
    return;
  }
  if (rest.length === 0) rewriteKey(value, first, context.rewrite);
  else rewriteAt(readKey(value, first), rest, { ...context, typename: undefined });
}

function rewriteKey(object: DataObject, key: string, rewrite: FetchDataRewrite): void {
  if (rewrite.kind === 'ValueSetter') {
    object[key] = rewrite.setValueTo;
    return;
  }
  const value = readKey(object, key);
  if (value === undefined) return;
  object[rewrite.renameKeyTo] = value;
  object[key] = undefined;
}
