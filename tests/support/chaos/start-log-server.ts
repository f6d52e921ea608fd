import { rmSync } from 'node:fs';

import { startEmbeddedPostgres } from '@tributary/embedded-postgres';
import { makeTestFolder, startTestRedis } from '@tributary/testkit';
import postgres from 'postgres';
import { createClient } from 'redis';

/** Where a log of events is kept. */
export type LogKind = 'Redis' | 'Redis that forgets' | 'PostgreSQL';

/** What keeps a log of events, with what may happen to it. */
export interface LogServer {
  readonly url: string;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Starts it again at its address. */
  start(): Promise<void>;
  cutConnections(): Promise<void>;
  stop(): Promise<void>;
}

export const startLogServer = (kind: LogKind): Promise<LogServer> =>
  kind === 'PostgreSQL' ? startPostgresLog() : startRedisLog(kind === 'Redis');

async function startRedisLog(persistent: boolean): Promise<LogServer> {
  const redis = await startTestRedis({ persistent });
  return {
    url: redis.url,
    kill: () => redis.kill(),
    start: () => redis.start(),
    cutConnections: async () => {
      const client = await createClient({ url: redis.url })
        .on('error', () => {})
        .connect();
      for (const type of ['pubsub', 'normal']) await client.sendCommand(['CLIENT', 'KILL', 'TYPE', type]);
      client.destroy();
    },
    stop: () => redis.stop(),
  };
}

async function startPostgresLog(): Promise<LogServer> {
  const folder = makeTestFolder('chaos-log');
  const database = 'events';
  // Durable, since it has to be found again in its folder.
  const start = () => startEmbeddedPostgres({ folder, databases: [database] });
  let server = await start();
  return {
    url: server.url(database),
    kill: async () => {
      process.kill(server.pid, 'SIGQUIT');
      await server.ended;
    },
    start: async () => {
      server = await start();
    },
    cutConnections: () => endSessions(server.url(database)),
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Ends all sessions of a database but our own, or those with a name. */
export async function endSessions(url: string, name = '%'): Promise<void> {
  const sql = postgres(url, { max: 1 });
  await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and application_name like ${name}`;
  await sql.end();
}
