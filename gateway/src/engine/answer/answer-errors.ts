import { defineError } from '@tributary/errors';
import { GraphQLError, type ASTNode, type GraphQLOutputType } from 'graphql';

/** Response keys and indexes, from the inside out. */
export interface Path {
  readonly above: Path | undefined;
  readonly key: string | number;
}

export const NullNotAllowed = defineError(
  'DOWNSTREAM_SERVICE_ERROR',
  (field: string) => `Cannot return null for non-nullable field ${field}.`,
);

export const WrongValue = defineError(
  'DOWNSTREAM_SERVICE_ERROR',
  (field: string, type: GraphQLOutputType, value: unknown) =>
    `Expected a value of type "${type.toString()}" for ${field}, but got ${describeKind(value)}`,
);

export const WrongType = defineError(
  'DOWNSTREAM_SERVICE_ERROR',
  (field: string, abstractType: string) =>
    `Expected an object of a type that belongs to "${abstractType}" for ${field}, but got another one`,
);

export const Unauthorized = defineError('UNAUTHORIZED_FIELD_OR_TYPE', () => 'Unauthorized field or type');

/** The kind and not the value, which may be what a caller must not see. */
function describeKind(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

export function toPath(path: Path | undefined): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let at = path; at; at = at.above) keys.push(at.key);
  return keys.toReversed();
}

/** The same error at a place of the client's answer. */
export const locate = (
  error: GraphQLError,
  path: readonly (string | number)[] | undefined,
  nodes?: readonly ASTNode[],
): GraphQLError =>
  withoutStackTrace(
    () =>
      new GraphQLError(error.message, {
        ...(path && path.length > 0 && { path }),
        ...(nodes && { nodes }),
        originalError: error.originalError,
        extensions: error.extensions,
      }),
  );

/**
 * Makes an error that says where in the data something is wrong: where in our code that was found helps nobody, and
 * collecting it takes longer than writing a hundred objects.
 */
export function withoutStackTrace<Made extends Error>(make: () => Made): Made {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
