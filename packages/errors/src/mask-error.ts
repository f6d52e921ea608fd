import { GraphQLError, type GraphQLFormattedError } from 'graphql';

import { errorKind, isErrorCode, type ErrorCode } from './error-table.ts';

/** What {@link classifyError} found out about an error. */
export interface ClassifiedError {
  readonly code: ErrorCode;
  /** False when nobody foresaw it: the client gets a general message, the log gets everything. */
  readonly isExpected: boolean;
}

/**
 * Tells foreseen errors from unforeseen ones by the code that they carry, their own or, for an error that graphql-js
 * has located, that of the error inside.
 */
export function classifyError(error: unknown): ClassifiedError {
  const code = error instanceof GraphQLError ? error.extensions['code'] : undefined;
  if (isErrorCode(code) && errorKind(code).class !== 'bug') return { code, isExpected: true };
  return { code: 'INTERNAL_SERVER_ERROR', isExpected: false };
}

/** @default for a client in production: nothing of the inside is shown. */
export interface MaskOptions {
  /** Adds the real message and the stack of unforeseen errors as `extensions.debug`. */
  readonly isDevelopment?: boolean;
}

/** What a client reads instead of an unforeseen error. */
export const maskedMessage = 'Internal server error';

/**
 * The form of an error that may leave the process where it arose: foreseen ones keep message, path and metadata,
 * all others only path and locations.
 */
export function maskError(
  formatted: GraphQLFormattedError,
  error: unknown,
  { isDevelopment = false }: MaskOptions = {},
): GraphQLFormattedError {
  const { code, isExpected } = classifyError(error);
  // Apollo Server adds a stack trace in development and graphql-js never does: keep it out in either case.
  const { stacktrace: _, ...metadata } = formatted.extensions ?? {};
  const extensions = { ...metadata, code };
  if (isExpected) return { ...formatted, extensions };
  const debug = isDevelopment && { debug: describeForDevelopers(error) };
  return { ...formatted, message: maskedMessage, extensions: { code, ...debug } };
}

const describeForDevelopers = (error: unknown) => {
  const inner = rootCause(error);
  return {
    message: inner.message,
    stack: inner.stack
      ?.split('\n')
      .slice(1)
      .map((line) => line.trim()),
  };
};

/** The error that was thrown in the first place, beneath what graphql-js wrapped around it. */
export function rootCause(error: unknown): Error {
  if (error instanceof GraphQLError && error.originalError) return rootCause(error.originalError);
  return toError(error);
}

/** Makes an Error of whatever was thrown, so that `catch (error: unknown)` has something to read. */
export const toError = (thrown: unknown): Error =>
  thrown instanceof Error
    ? thrown
    : new Error(`Expected an Error to be thrown, but got ${describeThrown(thrown)}`);

function describeThrown(thrown: unknown): string {
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return typeof thrown;
  }
}
