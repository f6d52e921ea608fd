import { classifyError, errorKind, rootCause, type ErrorCode } from '@tributary/errors';
import type { Logger } from '@tributary/telemetry';
import { GraphQLError } from 'graphql';

/** Writes what the client is not told. */
export type ErrorLog = (errors: readonly unknown[]) => void;

/**
 * One line per code and request, at the level that the table gives the code: a hundred rows without an author are one
 * failure. The first of them is written whole, with its cause.
 */
export const createErrorLog =
  (logger: Logger): ErrorLog =>
  (errors) => {
    const byCode = Map.groupBy(errors, (error) => classifyError(error).code);
    for (const [code, [first, ...others]] of byCode) {
      logger[errorKind(code).logLevel](
        { code, count: others.length + 1, ...describe(first, code) },
        first instanceof Error ? first.message : String(first),
      );
    }
  };

function describe(error: unknown, code: ErrorCode): object {
  const kind = errorKind(code).class;
  const place =
    error instanceof GraphQLError ? { path: error.path, subgraph: error.extensions['serviceName'] } : {};
  // What a user did wrong has no inside worth a stack trace.
  return kind === 'user' || kind === 'permission' ? place : { ...place, err: rootCause(error) };
}
