import { createHash, timingSafeEqual } from 'node:crypto';

import { sendJson, type Route } from './server.ts';
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
