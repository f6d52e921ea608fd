import { ConfigError } from '@tributary/config';
import { toError } from '@tributary/errors';

/**
 * Says in one line why a process did not start and what to do about it.
 *
 * @example describeStartFailure('posts', busyPort) // "Port 4002 is in use: stop what listens there or set PORT"
 */
export function describeStartFailure(name: string, thrown: unknown): string {
  const error = toError(thrown);
  if (error instanceof ConfigError) return `Settings of ${name} are wrong: ${onOneLine(error.message)}`;
  const { code, port } = error as NodeJS.ErrnoException & { readonly port?: number };
  if (code === 'EADDRINUSE' && port) {
    return `Port ${port} is in use: stop what listens there or set PORT`;
  }
  if (code === 'EACCES' && port) {
    return `Port ${port} may not be opened by this user: set PORT to one above 1023`;
  }
  return `${name} did not start: ${onOneLine(messageOf(error))}`;
}

/** A refused connection to a name with several addresses is an AggregateError whose own message is empty. */
function messageOf(error: Error): string {
  if (error.message !== '') return error.message;
  if (error instanceof AggregateError && error.errors.length > 0) {
    return [...new Set(error.errors.map((inner: unknown) => messageOf(toError(inner))))].join(', ');
  }
  return error.name;
}

const onOneLine = (text: string): string => text.trim().replaceAll(/\s*\n\s*/g, ' ');
