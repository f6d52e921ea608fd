import {
  classifyError,
  CodedError,
  errorKind,
  errorTable,
  rootCause,
  type ErrorCode,
} from '@tributary/errors';
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
        messageForLog(first),
      );
    }
  };

/**
 * What may be written down about an error. Sentences about a wrong request quote it, and with it the password that
 * stood in a wrong place; those of our own say names and numbers only.
 *
 * @example messageForLog(error) // 'An argument has the right type and a value that cannot be used.'
 */
export function messageForLog(error: unknown): string {
  const { code } = classifyError(error);
  if (errorKind(code).class === 'user' && !(error instanceof CodedError)) return errorTable[code].meaning;
  return error instanceof Error ? error.message : String(error);
}

function describe(error: unknown, code: ErrorCode): object {
  const kind = errorKind(code).class;
  const place =
    error instanceof GraphQLError
      ? { path: error.path, locations: error.locations, subgraph: error.extensions['serviceName'] }
      : {};
  // What a user did wrong has no inside worth a stack trace.
  return kind === 'user' || kind === 'permission' ? place : { ...place, err: rootCause(error) };
}
