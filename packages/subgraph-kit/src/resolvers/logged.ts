import { classifyError, rootCause, toError } from '@tributary/errors';
import type { Logger } from '@tributary/telemetry';
import { GraphQLError } from 'graphql';

import type { Resolver } from '../guards/compose.ts';

/**
 * Wraps a resolver with a debug line for each call: field, duration, and what it failed with. Unforeseen failures
 * are logged once by the server anyway; this is for looking at one field closely.
 */
export const logged =
  (logger: Logger) =>
  <Parent, Args, Context, Result>(
    next: Resolver<Parent, Args, Context, Result>,
  ): Resolver<Parent, Args, Context, Promise<Awaited<Result>>> =>
  async (parent, args, context, info): Promise<Awaited<Result>> => {
    const field = `${info.parentType.name}.${info.fieldName}`;
    const startedAt = performance.now();
    const durationMs = () => Math.round((performance.now() - startedAt) * 100) / 100;
    try {
      const result: Awaited<Result> = await next(parent, args, context, info);
      logger.debug({ field, args, durationMs: durationMs() }, 'field resolved');
      return result;
    } catch (thrown: unknown) {
      const error = toError(thrown);
      const code = error instanceof GraphQLError ? classifyError(error).code : 'INTERNAL_SERVER_ERROR';
      logger.debug({ field, args, durationMs: durationMs(), code, err: rootCause(error) }, 'field failed');
      throw thrown;
    }
  };
