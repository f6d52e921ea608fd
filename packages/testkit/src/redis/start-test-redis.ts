import { rmSync } from 'node:fs';

import { makeTestFolder } from '../test-folder.ts';
import { findFreePorts, startRedisServer, type RedisServerProcess } from './redis-server.ts';

export interface TestRedisOptions {
  /** Whether it still has every write that it confirmed after it was killed. @default false */
  readonly persistent?: boolean;
}

/** A real Redis that tests may kill. */
export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** Ends it at once; without persistence its data is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Lets it keep its connections and answer nothing, until it is thawed. */
  freeze(): void;
  thaw(): void;
  /** Ends it for good and removes its folder. */
  stop(): Promise<void>;
}

/**
 * Starts a Redis of a test's own, on a port that is free.
 *
 * @example
 * const redis = await startTestRedis({ persistent: true });
 * await redis.kill();
 * await redis.start(); // with its data
 */
export async function startTestRedis({ persistent = false }: TestRedisOptions = {}): Promise<TestRedis> {
  const folder = makeTestFolder('redis');
  const args = persistent ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
  const [port = 0] = await findFreePorts(1);
  const start = () => startRedisServer({ folder, port, args });
  let server: RedisServerProcess = await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill: () => server.kill(),
    start: async () => {
      server = await start();
    },
    freeze: () => server.freeze(),
    thaw: () => server.thaw(),
    stop: async () => {
      await server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
