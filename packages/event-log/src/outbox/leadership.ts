import type postgres from 'postgres';

import { createOutboxStore, type OutboxStore } from './outbox-store.ts';

/** Any number that nothing else locks; each subgraph has a database of its own, so one is enough for all. */
const lockKey = 7_274_983;

/** The one connection that may give places, until it is released or lost. */
export interface Leadership {
  readonly store: OutboxStore;
  release(): Promise<void>;
}

/** Becomes the leader, unless another process is; its database ends its time with its connection. */
export async function becomeLeader(sql: postgres.Sql): Promise<Leadership | undefined> {
  const connection = await sql.reserve();
  try {
    const [{ isLeader, pid }] = await connection<[{ isLeader: boolean; pid: number }]>`
      select pg_try_advisory_lock(${lockKey}) as "isLeader", pg_backend_pid() as pid`;
    if (isLeader) {
      return {
        store: createOutboxStore(connection, pid),
        release: async () => {
          // Of a connection that is lost the database has released it.
          await connection`select pg_advisory_unlock(${lockKey})`.catch(() => {});
          connection.release();
        },
      };
    }
  } catch (error: unknown) {
    connection.release();
    throw error;
  }
  connection.release();
  return undefined;
}
