import type { ErrorCode } from '@tributary/errors';
import type { GraphQLError } from 'graphql';

import type { HttpHint } from '../errors/gateway-errors.ts';
import type { ResponseMediaType } from './media-type.ts';

/** A request that was understood as GraphQL and then not executed: the one case where the media type decides. */
const refusedAsGraphQL: ReadonlySet<ErrorCode> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_USER_INPUT',
  'PERSISTED_QUERY_NOT_FOUND',
  'OPERATION_TOO_COMPLEX',
]);

const statusOfCode: Partial<Record<ErrorCode, number>> = {
  BAD_REQUEST: 400,
  CSRF_PREVENTED: 403,
  FORBIDDEN: 403,
  RATE_LIMITED: 429,
  REQUEST_TIMEOUT: 504,
  REQUEST_TOO_LARGE: 413,
  SERVICE_UNAVAILABLE: 503,
  UNAUTHENTICATED: 401,
};

/**
 * The status of an answer without data. Old clients read errors of a document out of a 200, so application/json gets
 * that; application/graphql-response+json gets 400 (https://graphql.github.io/graphql-over-http/draft/#sec-Status-Codes).
 *
 * @example statusOfRefusal('GRAPHQL_PARSE_FAILED', error, 'application/json') // 200
 */
export function statusOfRefusal(code: ErrorCode, error: unknown, mediaType: ResponseMediaType): number {
  const hinted = httpHintOf(error).status;
  if (hinted !== undefined) return hinted;
  if (refusedAsGraphQL.has(code)) return mediaType === 'application/json' ? 200 : 400;
  return statusOfCode[code] ?? 500;
}

/** What a refusal says about HTTP; empty for most. */
export function httpHintOf(error: unknown): HttpHint {
  const extensions = (error as Partial<GraphQLError> | undefined)?.extensions;
  const hint: HttpHint | undefined = extensions?.['http'];
  return hint ?? {};
}
