import { CodedError, type ErrorDetails } from '@tributary/errors';
import { redacted } from '@tributary/telemetry';

/**
 * SQLSTATE classes that say the database cannot do its work now, though the statement is right: connection, rollback
 * for the sake of another transaction (deadlock, serialization), resources, intervention (statement timeout,
 * shutdown), system.
 */
const unavailableClasses = new Set(['08', '40', '53', '57', '58']);
/** Codes of postgres.js and Node for a connection that could not be made or was lost. */
const connectionCodes = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** The database did not answer, or not in time. What it said is for the log only. */
export class DatabaseUnavailable extends CodedError {
  constructor(details: ErrorDetails = {}) {
    super('DATABASE_ERROR', 'The database did not answer as expected; try again', details);
  }

  /** True for errors of a database that is down, overloaded or too slow: not for those of a wrong statement. */
  static isCause(error: unknown): boolean {
    const code = codeOf(error);
    return code !== undefined && (isConnectionProblem(code, error) || isUnavailableState(code));
  }

  static from(cause: unknown, extensions: Record<string, unknown> = {}): DatabaseUnavailable {
    return new DatabaseUnavailable({ cause, extensions });
  }
}

/** The constraint that a statement violated, or undefined when it failed for another reason. */
export function violatedConstraint(error: unknown): string | undefined {
  const isViolation = codeOf(error)?.startsWith('23');
  if (!isViolation || !(error instanceof Error) || !('constraint_name' in error)) return undefined;
  return String(error.constraint_name);
}

/** A socket file that is not there counts, any other file that is not there does not. */
const isConnectionProblem = (code: string, error: unknown): boolean =>
  connectionCodes.has(code) ||
  (code === 'ENOENT' && error instanceof Error && 'syscall' in error && error.syscall === 'connect');

const lockNotAvailable = '55P03';

/**
 * Takes the row that a statement failed on out of PostgreSQL's error, in place: its values are whatever a table
 * holds, and no log may have them. Other errors stay as they are.
 */
export function withoutRow(error: Error): Error {
  if ('detail' in error && 'severity' in error) error.detail = redacted;
  return error;
}

const isUnavailableState = (code: string): boolean =>
  code === lockNotAvailable || (code.length === 5 && unavailableClasses.has(code.slice(0, 2)));

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
