/** Who has to act on an error, and with it how much a client may read and how loud it is logged. */
export type ErrorClass =
  /** The request is wrong: the whole message is shown. */
  | 'user'
  /** The caller may not: shown, without saying what would have been there. */
  | 'permission'
  /** Something that this process needs does not work; shown without its insides, worth a retry. */
  | 'system'
  /** Our own mistake: masked. */
  | 'bug';

/** Which part of the work an error belongs to. */
export type ErrorFamily = 'schema' | 'resolver' | 'network' | 'user';

/** One row of docs/errors.md. */
export interface ErrorKind {
  readonly class: ErrorClass;
  readonly family: ErrorFamily;
  /** Level of the log line that the error gets where it arose. */
  readonly logLevel: 'info' | 'warn' | 'error' | 'fatal';
  /** True when the same request may succeed later without a change. */
  readonly retryable: boolean;
  /** What the code means to a client developer; the text of docs/errors.md. */
  readonly meaning: string;
}

const user = { class: 'user', family: 'user', logLevel: 'info', retryable: false } as const;
const permission = { class: 'permission', family: 'user', logLevel: 'warn', retryable: false } as const;
const network = { class: 'system', family: 'network', logLevel: 'error', retryable: true } as const;
const resolver = { class: 'system', family: 'resolver', logLevel: 'error', retryable: true } as const;

/** Every code that a client can meet. docs/errors.md says the same; a test compares the two. */
export const errorTable = {
  GRAPHQL_PARSE_FAILED: { ...user, meaning: 'The document is not GraphQL; the message names the position.' },
  GRAPHQL_VALIDATION_FAILED: {
    ...user,
    meaning: 'The document does not fit the schema; the message names alternatives.',
  },
  OPERATION_RESOLUTION_FAILURE: {
    ...user,
    meaning: 'The document has no operation of the name asked for, or several and no name.',
  },
  BAD_REQUEST: { ...user, meaning: 'The HTTP request is not a GraphQL request.' },
  REQUEST_TOO_LARGE: { ...user, meaning: 'The body is larger than the endpoint takes.' },
  CSRF_PREVENTED: {
    ...user,
    meaning: 'A request that a browser would send from another site without asking first.',
  },
  BAD_USER_INPUT: { ...user, meaning: 'An argument has the right type and a value that cannot be used.' },
  NOT_FOUND: { ...user, meaning: 'What an argument names does not exist, or not for this caller.' },
  CONFLICT: { ...user, meaning: 'The change contradicts what is stored, for example a name that is taken.' },
  PERSISTED_QUERY_NOT_FOUND: {
    ...user,
    meaning: 'The hash is unknown here: send the document with it once.',
  },
  OPERATION_TOO_COMPLEX: {
    ...user,
    meaning: 'The operation costs more than this caller may spend; score, limit and suggestions come along.',
  },
  RATE_LIMITED: {
    ...user,
    retryable: true,
    meaning: 'Too many requests; `retryAfter` says in how many seconds to try again.',
  },
  RESUME_TOO_OLD: {
    ...user,
    meaning: 'What came after this cursor is no longer kept: read the present state and subscribe anew.',
  },
  SUBSCRIBER_TOO_SLOW: {
    ...user,
    retryable: true,
    meaning: 'Events came faster than the client read them: subscribe again with the last cursor.',
  },
  SUBSCRIPTION_INACTIVE: {
    ...user,
    retryable: true,
    meaning:
      'Nothing happened for so long that the subscription ended: subscribe again with the last cursor.',
  },
  UNAUTHENTICATED: {
    ...permission,
    meaning: 'The token is wrong or expired, or there is none where one is needed.',
  },
  FORBIDDEN: { ...permission, meaning: 'The caller is known and may not do this.' },
  UNAUTHORIZED_FIELD_OR_TYPE: {
    ...permission,
    meaning: 'The caller may not see this field; it was not asked for.',
  },
  SUBGRAPH_UNAVAILABLE: {
    ...network,
    meaning: 'A service behind the endpoint could not be reached or answered nonsense.',
  },
  SUBGRAPH_TIMEOUT: { ...network, meaning: 'A service behind the endpoint did not answer in time.' },
  REQUEST_TIMEOUT: { ...network, meaning: 'The whole request took longer than it may.' },
  SERVICE_UNAVAILABLE: {
    ...network,
    meaning: 'The process is starting or stopping, or something that it cannot do without is down.',
  },
  DATABASE_ERROR: { ...resolver, meaning: 'A database did not answer as it should.' },
  DOWNSTREAM_SERVICE_ERROR: {
    ...resolver,
    meaning: 'A service behind the endpoint failed in a way that it did not name.',
  },
  SCHEMA_INVALID: {
    class: 'bug',
    family: 'schema',
    logLevel: 'fatal',
    retryable: false,
    meaning: 'A schema that cannot be served; stops a start, never meets a request.',
  },
  INTERNAL_SERVER_ERROR: {
    class: 'bug',
    family: 'resolver',
    logLevel: 'fatal',
    retryable: false,
    meaning: 'A mistake of ours. The log has it under the request id.',
  },
} as const satisfies Record<string, ErrorKind>;

/** A code of {@link errorTable}. */
export type ErrorCode = keyof typeof errorTable;

export const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(errorTable, code);

/** The row of a code; what is not in the table counts as our own mistake. */
export const errorKind = (code: unknown): ErrorKind =>
  errorTable[isErrorCode(code) ? code : 'INTERNAL_SERVER_ERROR'];
