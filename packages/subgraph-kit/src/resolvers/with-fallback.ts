import { classifyError, errorKind } from '@tributary/errors';
import type { GraphQLResolveInfo } from 'graphql';

import type { Resolver } from '../guards/compose.ts';

export interface FallbackOptions<Parent, Value> {
  /** What is given in place of the value: a constant, the last one known, an empty list. */
  readonly valueOf: (parent: Parent) => Value | Promise<Value>;
  /** Told of each failure that was covered up: nothing else will. */
  readonly onFallback: (error: unknown, info: GraphQLResolveInfo) => void;
}

/**
 * Gives something else while what a field needs does not work: for data that an answer can do without. What the caller
 * did wrong, or we did, is thrown as ever.
 *
 * @example
 * related: withFallback({ valueOf: () => [], onFallback: warn }, (post, _args, { loaders }) => …)
 */
export function withFallback<Parent, Args, Context, Value>(
  { valueOf, onFallback }: FallbackOptions<Parent, Value>,
  resolve: Resolver<Parent, Args, Context, Value | Promise<Value>>,
): Resolver<Parent, Args, Context, Promise<Value>> {
  return async (...call) => {
    const [parent, , , info] = call;
    try {
      return await resolve(...call);
    } catch (error: unknown) {
      if (errorKind(classifyError(error).code).class !== 'system') throw error;
      onFallback(error, info);
      return await valueOf(parent);
    }
  };
}
