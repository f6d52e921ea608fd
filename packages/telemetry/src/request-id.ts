import { randomUUID } from 'node:crypto';

// Long enough to be unique, short enough for a log line, and nothing that a log or a header could take for syntax.
const saneId = /^[A-Za-z0-9_-]{8,128}$/;

/**
 * The request id of an incoming request: the caller's own when it looks like one, else a new UUID.
 *
 * @example
 * requestIdOf('7f9c-from-the-client') // '7f9c-from-the-client'
 * requestIdOf('x" onload="') // '0d1d1f5e-…'
 */
export function requestIdOf(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' && saneId.test(header) ? header : randomUUID();
}
