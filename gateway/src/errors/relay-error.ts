import { errorKind, errorTable, isErrorCode, maskedMessage, type ErrorCode } from '@tributary/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';

// From a subgraph these do not mean the client's request but ours to the subgraph: no fault of the client.
const meantForUs: ReadonlySet<ErrorCode> = new Set([
  'BAD_REQUEST',
  'CSRF_PREVENTED',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'REQUEST_TOO_LARGE',
]);

/** What a client may act on; a key that is not listed stays inside, whatever a subgraph puts there. */
export const publicExtensions = [
  'code',
  'retryable',
  'retryAfter',
  'requiresAuth',
  'requiredPermissions',
  'failedKeys',
  'loaderError',
  'argument',
  'field',
  'fields',
  'score',
  'limit',
  'suggestions',
] as const;

/**
 * An error of a subgraph in the form in which it may go on: message, path and code when the code is one of the table,
 * otherwise only that something failed. The original is kept as its cause, for the log.
 *
 * @example
 * relayError({ message: 'relation "posts" does not exist' }, 'posts').message
 * // 'A service behind the endpoint failed in a way that it did not name.'
 */
export function relayError(error: GraphQLFormattedError, serviceName: string): GraphQLError {
  const said = error.extensions?.['code'];
  const code = codeToRelay(said);
  return new GraphQLError(messageToRelay(error.message, said, code), {
    path: error.path,
    originalError: new Error(error.message, { cause: error.extensions }),
    extensions: { ...pickPublic(error.extensions), code, serviceName },
  });
}

/** The listed keys of some extensions. */
export const pickPublic = (extensions: Readonly<Record<string, unknown>> = {}): Record<string, unknown> =>
  Object.fromEntries(
    publicExtensions.filter((key) => extensions[key] !== undefined).map((key) => [key, extensions[key]]),
  );

const codeToRelay = (said: unknown): ErrorCode =>
  isErrorCode(said) && !meantForUs.has(said) ? said : 'DOWNSTREAM_SERVICE_ERROR';

function messageToRelay(message: string, said: unknown, code: ErrorCode): string {
  // A server that does not mask its errors gives this code to whatever was thrown, SQL included.
  if (errorKind(code).class === 'bug') return maskedMessage;
  return said === code ? message : errorTable[code].meaning;
}
