import { rmSync } from 'node:fs';

import { startEmbeddedPostgres } from '@tributary/embedded-postgres';
import { createMemoryStore, createPostgresStore, createRedisStore, EventMemory } from '@tributary/event-log';
import { askRedis, makeTestFolder, startTestRedis, startTestRedisCluster } from '@tributary/testkit';
import postgres from 'postgres';

import type { LogServer } from './log-space.ts';

export const startMemory = async (): Promise<LogServer> => ({
  makeSpace: async () => {
    const memory = new EventMemory();
    return {
      openStore: (options) => createMemoryStore({ memory, ...options }),
      countConnections: async () => memory.listeners.size,
    };
  },
  stop: async () => {},
});

export async function startPostgres(): Promise<LogServer> {
  const folder = makeTestFolder('event-log');
  // Durable, since it has to be found again in its folder.
  const start = () => startEmbeddedPostgres({ folder, databases: [] });
  let server = await start();
  let name = '';
  let spaces = 0;
  return {
    makeSpace: async () => {
      spaces += 1;
      name = `log_${spaces}`;
      await server.createDatabase(name);
      const url = server.url(name);
      return {
        openStore: (options) => createPostgresStore({ url, ...options }),
        countConnections: async () => (await askSessions(url, 'pid')).length,
      };
    },
    cutConnections: async () => (await askSessions(server.url(name), 'pg_terminate_backend(pid)')).length,
    restart: async (meanwhile) => {
      // As a crash: nothing is written any more, and connections just end.
      process.kill(server.pid, 'SIGQUIT');
      await server.ended;
      await meanwhile();
      server = await start();
    },
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Something about each session of a database but the one that asks. */
async function askSessions(url: string, what: 'pid' | 'pg_terminate_backend(pid)'): Promise<unknown[]> {
  const sql = postgres(url, { max: 1, fetch_types: false });
  try {
    return await sql.unsafe(
      `select ${what} from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
  } finally {
    await sql.end();
  }
}

export async function startRedis({ sharded }: { readonly sharded?: boolean } = {}): Promise<LogServer> {
  const server = await startTestRedis({ persistent: true });
  return {
    ...redisServer([server.url], server.url, sharded),
    restart: async (meanwhile) => {
      await server.kill();
      await meanwhile();
      await server.start();
    },
    stop: () => server.stop(),
  };
}

export async function startRedisCluster(): Promise<LogServer> {
  const cluster = await startTestRedisCluster({ persistent: true });
  return {
    ...redisServer(
      cluster.nodes.map(({ url }) => url),
      cluster.url,
    ),
    restart: async (meanwhile) => {
      await Promise.all(cluster.nodes.map((node) => node.kill()));
      await meanwhile();
      await Promise.all(cluster.nodes.map((node) => node.start()));
    },
    stop: () => cluster.stop(),
  };
}

function redisServer(
  nodes: readonly string[],
  url: string,
  sharded?: boolean,
): Pick<LogServer, 'makeSpace' | 'cutConnections'> {
  let spaces = 0;
  return {
    makeSpace: async () => {
      spaces += 1;
      const prefix = `space-${spaces}`;
      return {
        openStore: (options) =>
          createRedisStore({ url, prefix, ...(sharded !== undefined && { sharded }), ...options }),
        countConnections: async () => {
          const lists = await Promise.all(nodes.map((node) => askRedis(node, ['CLIENT', 'LIST'])));
          return lists.flatMap((list) => String(list).trim().split('\n')).length - nodes.length;
        },
      };
    },
    cutConnections: async () => {
      let cut = 0;
      for (const node of nodes) {
        for (const type of ['normal', 'pubsub'])
          cut += Number(await askRedis(node, ['CLIENT', 'KILL', 'TYPE', type]));
      }
      return cut;
    },
  };
}
