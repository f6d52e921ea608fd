import { randomUUID } from 'node:crypto';

import type postgres from 'postgres';

import { createOutboxStore, type OutboxStore } from './outbox-store.ts';

/** Any number that nothing else locks; each subgraph has a database of its own, so one is enough for all. */
const lockKey = 7_274_983;

/** The right to give places, until it is released or its connection is lost. */
export interface Leadership {
  readonly store: OutboxStore;
  release(): Promise<void>;
}

/**
 * Becomes the leader, unless another process is. The database ends the leader's time with its session: a session that
 * takes the place of a lost one does not know the leader's token, so it can give no places.
 *
 * @param sql a client of one connection, which nobody else uses
 */
export async function becomeLeader(sql: postgres.Sql): Promise<Leadership | undefined> {
  const token = randomUUID();
  const [{ isLeader }] = await sql<[{ isLeader: boolean }]>`
    select case when pg_try_advisory_lock(${lockKey}) then set_config('tributary.leader', ${token}, false) = ${token}
      else false end as "isLeader"`;
  if (!isLeader) return undefined;
  return {
    store: createOutboxStore(sql, token),
    release: async () => {
      // Of a session that is lost the database has released it.
      await sql`select pg_advisory_unlock_all(), set_config('tributary.leader', '', false)`.catch(() => {});
    },
  };
}
