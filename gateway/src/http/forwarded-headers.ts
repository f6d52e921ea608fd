import type { IncomingHttpHeaders } from 'node:http';

import type { SettingsReader } from '@tributary/config';

// About one connection, about one body, or written by the gateway itself.
const ours =
  /^(?:connection|keep-alive|proxy-.+|te|trailer|transfer-encoding|upgrade|expect|host|accept|accept-encoding|content-.+|tributary-.+|x-request-id|traceparent)$/;
const token = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;

/** Whether a header, named in lower case, may go on to subgraphs as it came. */
export const isForwardable = (name: string): boolean => token.test(name) && !ours.test(name);

/**
 * The names of the client's headers that go on to subgraphs: none but those that are listed, `authorization` and
 * `cookie` among them. They are part of what makes two fetches equal, so each costs some sharing.
 */
export function readForwardedHeaders(read: SettingsReader): readonly string[] {
  const names = read.list('FORWARDED_HEADERS', { default: [] }).map((name) => name.toLowerCase());
  for (const name of names.filter((each) => !isForwardable(each))) {
    read.refuse(`FORWARDED_HEADERS must be a list of headers that may be forwarded, but got "${name}"`);
  }
  return names;
}

/** The headers of a request that go on to subgraphs; `undefined` when there is none of them. */
export function pickForwarded(
  headers: IncomingHttpHeaders,
  names: readonly string[] = [],
): Readonly<Record<string, string>> | undefined {
  if (names.length === 0) return undefined;
  const present = names.filter((name) => headers[name] !== undefined);
  if (present.length === 0) return undefined;
  return Object.fromEntries(present.map((name) => [name, String(headers[name])]));
}
