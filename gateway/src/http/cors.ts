import type { IncomingMessage, ServerResponse } from 'node:http';

/** Decides which pages of other origins may read answers. */
export interface Cors {
  /** Sets the headers that let the page of a listed origin read the answer. */
  allow(request: IncomingMessage, response: ServerResponse): void;
  /** Answers a browser that asks before it sends; true when it did. */
  answerPreflight(request: IncomingMessage, response: ServerResponse): boolean;
}

const preflightSeconds = 600;

/**
 * Lets pages of listed origins in. `https://app.example` is that origin, `http://localhost:*` any port of it; both may
 * send credentials. `*` is every origin, which then may not: a browser refuses that pair, and so do we.
 *
 * @param origins empty: no page of another origin reads anything
 */
export function createCors(origins: readonly string[]): Cors {
  const isListed = createOriginTest(origins);
  const allowsAll = origins.includes('*');

  const allow: Cors['allow'] = (request, response) => {
    const { origin } = request.headers;
    if (origins.length > 0) response.appendHeader('vary', 'Origin');
    if (origin === undefined) return;
    if (isListed(origin)) {
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('access-control-allow-credentials', 'true');
    } else if (allowsAll) {
      response.setHeader('access-control-allow-origin', '*');
    } else return;
    response.setHeader('access-control-expose-headers', 'x-request-id, retry-after');
  };

  const answerPreflight: Cors['answerPreflight'] = (request, response) => {
    if (request.method !== 'OPTIONS') return false;
    const requestedHeaders = request.headers['access-control-request-headers'];
    if (response.hasHeader('access-control-allow-origin')) {
      response.setHeader('access-control-allow-methods', 'GET, POST');
      response.setHeader('access-control-max-age', preflightSeconds);
      if (requestedHeaders) response.setHeader('access-control-allow-headers', requestedHeaders);
    }
    // Without the headers above the browser refuses on its own: a 204 says no more than an error would.
    response.setHeader('allow', 'GET, POST, OPTIONS');
    response.writeHead(204).end();
    return true;
  };

  return { allow, answerPreflight };
}

function createOriginTest(origins: readonly string[]): (origin: string) => boolean {
  const exact = new Set(origins);
  const prefixes = origins.filter((origin) => origin.endsWith(':*')).map((origin) => origin.slice(0, -1));
  const hasAnyPort = (origin: string, prefix: string) =>
    origin === prefix.slice(0, -1) ||
    (origin.startsWith(prefix) && /^\d+$/.test(origin.slice(prefix.length)));
  return (origin) => exact.has(origin) || prefixes.some((prefix) => hasAnyPort(origin, prefix));
}

/** What a page may do that asks for a socket: everything, everything but use the credentials of its user, nothing. */
export type OriginPermission = 'yes' | 'without credentials' | 'no';

/** Nobody asks before a browser opens a socket, and no header of ours would stop it: the one who answers has to look. */
export type OriginRule = (origin: string | undefined, host: string | undefined) => OriginPermission;

/**
 * The same list, for sockets. No origin is no page: whoever has something else than a browser can send any origin. A page
 * that we served ourselves has our host in it.
 */
export function createOriginRule(origins: readonly string[]): OriginRule {
  const isListed = createOriginTest(origins);
  const others: OriginPermission = origins.includes('*') ? 'without credentials' : 'no';
  return (origin, host) => {
    if (origin === undefined || isListed(origin)) return 'yes';
    const isOurs = host !== undefined && URL.parse(origin)?.host === host.toLowerCase();
    return isOurs ? 'yes' : others;
  };
}
