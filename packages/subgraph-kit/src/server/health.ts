import { toError, type ErrorTracker } from '@tributary/errors';

import type { Database } from '../database/database.ts';
import { sendJson } from './http-listener.ts';
import type { Route } from './subgraph-definition.ts';

/** `/health/live`: the process answers. */
export const live: Route = (_request, response) => sendJson(response, 200, { status: 'live' });

export interface ReadinessOptions {
  readonly database: Database;
  readonly errors: ErrorTracker;
}

/** `/health/ready`: 200 when requests can be served, else 503; the body says what is missing and what went wrong lately. */
export const createReadiness =
  ({ database, errors }: ReadinessOptions): Route =>
  async (_request, response) => {
    const state = await databaseState(database);
    const isReady = state === 'up';
    const { total, counts } = errors.summary();
    sendJson(response, isReady ? 200 : 503, {
      status: isReady ? 'ready' : 'unavailable',
      database: state,
      errors: { total, counts },
    });
  };

async function databaseState(database: Database): Promise<string> {
  try {
    await database.ping();
    return 'up';
  } catch (thrown: unknown) {
    const error = toError(thrown);
    return 'code' in error ? `down (${String(error.code)})` : 'down';
  }
}
