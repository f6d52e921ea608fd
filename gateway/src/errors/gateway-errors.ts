import { defineError, type CodedError } from '@tributary/errors';

/** What a refusal may tell HTTP besides the code; read by the write stage and never sent in the body. */
export interface HttpHint {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export const BadRequest = defineError('BAD_REQUEST', (message: string) => message);

export const RequestTooLarge = defineError(
  'REQUEST_TOO_LARGE',
  (maxBytes: number) => `Expected a body of at most ${maxBytes} bytes, but got a larger one`,
);

export const CsrfPrevented = defineError(
  'CSRF_PREVENTED',
  (site: string) =>
    `This request came from another site (Sec-Fetch-Site: ${site}) and a browser sends it without asking first: ` +
    'send it as a POST with Content-Type: application/json, or add the header apollo-require-preflight: true',
);

export const Unauthenticated = defineError('UNAUTHENTICATED', (message: string) => message);

export const ServiceUnavailable = defineError('SERVICE_UNAVAILABLE', (message: string) => message);

export const RateLimited = defineError('RATE_LIMITED', (message: string) => message);

export const RequestTimeout = defineError(
  'REQUEST_TIMEOUT',
  (ms: number) => `Expected the request to be answered within ${ms} ms, but it was not`,
);

export const OperationNotFound = defineError('OPERATION_RESOLUTION_FAILURE', (message: string) => message);

export const OperationTooComplex = defineError('OPERATION_TOO_COMPLEX', (message: string) => message);

/**
 * The refusal of an operation that is above a limit. Without a `score`, counting stopped at the limit.
 *
 * @example tooMany('mutations', 50, 51) // Expected an operation with at most 50 mutations, but got 51
 */
export function tooMany(what: string, limit: number, score?: number): CodedError {
  // Fragments within fragments make numbers that nobody could write down.
  const isKnown = score !== undefined && Number.isSafeInteger(score);
  return new OperationTooComplex(
    `Expected an operation with at most ${limit} ${what}, but got ${isKnown ? score : 'more'}`,
  ).with({ extensions: { limit, ...(isKnown && { score }) } });
}

export const BadUserInput = defineError('BAD_USER_INPUT', (message: string) => message);

export const SubgraphTimeout = defineError(
  'SUBGRAPH_TIMEOUT',
  (subgraph: string, ms: number) => `Subgraph "${subgraph}" did not answer within ${ms} ms`,
);

export const SubgraphUnavailable = defineError(
  'SUBGRAPH_UNAVAILABLE',
  (subgraph: string, problem: string) => `Subgraph "${subgraph}" ${problem}`,
);

export const SupergraphInvalid = defineError(
  'SCHEMA_INVALID',
  (source: string, problem: string) => `The supergraph ${source} cannot be served: ${problem}`,
);

export const Forbidden = defineError('FORBIDDEN', (message: string) => message);

export const ResumeTooOld = defineError(
  'RESUME_TOO_OLD',
  () => 'What came after this cursor is no longer kept: read the present state and subscribe anew',
);

export const SubscriberTooSlow = defineError(
  'SUBSCRIBER_TOO_SLOW',
  () => 'Events came faster than they were read: subscribe again with the last cursor',
);

export const SubscriptionInactive = defineError(
  'SUBSCRIPTION_INACTIVE',
  (ms: number) =>
    `Nothing happened within ${ms} ms: subscribe again, with the last cursor, if you still listen`,
);
