import { createHash, timingSafeEqual } from 'node:crypto';

import { sendJson, type Route } from './server.ts';
import type { Connection } from './subscriptions/connections/connection.ts';
import type { LiveOperations } from './subscriptions/start-live-operations.ts';

/** A page for those who run the gateway: everybody else hears nothing but that. */
export const forOperators = (token: string, route: Route): Route => {
  const expected = digestOf(`Bearer ${token}`);
  return async (request, response, requestId) => {
    const { authorization = '' } = request.headers;
    // Of one length, whatever was sent: how long a comparison takes tells nothing of the token.
    if (timingSafeEqual(digestOf(authorization), expected)) return route(request, response, requestId);
    response.setHeader('www-authenticate', 'Bearer');
    sendJson(response, 401, { message: 'Expected the OPERATOR_TOKEN of this gateway as a Bearer token' });
  };
};

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

const longestList = 200;

/** What is subscribed to at this moment, and by how many; nobody's variables, tokens or names. */
export const createSubscriptionsRoute =
  (live: Pick<LiveOperations, 'stats' | 'operations'>): Route =>
  async (_request, response) => {
    const operations = live.operations();
    sendJson(response, 200, {
      ...live.stats(),
      operations: operations.slice(0, longestList),
      more: Math.max(0, operations.length - longestList),
    });
  };

/** Who is connected at this moment, the first of them first; those of one user with `?user=`. */
export const createConnectionsRoute =
  (connections: Iterable<Connection>): Route =>
  async (request, response) => {
    const user = new URLSearchParams(request.url?.split('?')[1]).get('user');
    const found = [...connections].filter(({ principal }) => user === null || principal?.sub === user);
    sendJson(response, 200, {
      connections: found.slice(0, longestList).map(describe),
      more: Math.max(0, found.length - longestList),
    });
  };

const describe = ({
  id,
  transport,
  client,
  principal,
  openedAt,
  lastActivityAt,
  operations,
  bufferedBytes,
}: Connection) => ({
  id,
  transport,
  ...(principal?.sub !== undefined && { user: principal.sub }),
  ...(client.ip !== undefined && { ip: client.ip }),
  openedAt: new Date(openedAt).toISOString(),
  lastActivityAt: new Date(lastActivityAt).toISOString(),
  operations,
  bufferedBytes,
});
