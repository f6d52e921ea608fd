import { toError } from '@tributary/errors';

/**
 * Logs an error that nobody caught, whole and in the form of all other log lines, and ends the process: to go on
 * would be to serve from a state that nobody foresaw. The supervisor starts it again.
 */
export function endOnFatalErrors(name: string): void {
  process.on('uncaughtException', (error, origin) => endWith(name, error, origin));
  process.on('unhandledRejection', (reason) => endWith(name, reason, 'unhandledRejection'));
}

function endWith(name: string, thrown: unknown, origin: string): never {
  const line = {
    level: 'fatal',
    time: new Date().toISOString(),
    name,
    msg: `${origin}: ${toError(thrown).message}`,
  };
  process.stderr.write(`${JSON.stringify({ ...line, err: describe(toError(thrown)) })}\n`);
  process.exit(1);
}

/** The error with its chain of causes and everything that was attached to it. */
function describe(error: Error, depth = 0): object {
  const { name, message, stack, cause, ...details } = error as Error & Record<string, unknown>;
  const isDeep = cause === undefined || depth > 5;
  return {
    type: name,
    message,
    stack,
    ...withoutCycles(details),
    ...(isDeep ? {} : { cause: describe(toError(cause), depth + 1) }),
  };
}

/** What cannot be written as JSON is named instead: a log line must come out whatever hangs on the error. */
function withoutCycles(details: object): object {
  try {
    return JSON.parse(JSON.stringify(details)) as object;
  } catch {
    return { details: Object.keys(details) };
  }
}
