import { createClient, createCluster } from 'redis';

import type { Script } from './append-script.ts';

/** What the event log needs of Redis, the same for a single server and a cluster. */
export interface RedisConnection {
  /** The command that publishes to whoever follows a channel: sharded since Redis 7. */
  readonly publish: 'SPUBLISH' | 'PUBLISH';
  run(script: Script, key: string, args: readonly string[]): Promise<unknown>;
  range(key: string, start: string, limit: number): Promise<readonly RedisStreamEntry[]>;
  members(key: string): Promise<readonly string[]>;
  subscribe(channel: string, listener: (message: string) => void): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  /** Ends every connection; what is under way rejects. */
  close(): void;
}

export interface RedisStreamEntry {
  readonly id: string;
  readonly message: Readonly<Record<string, string>>;
}

export interface RedisConnectionOptions {
  /** Of a server, or of any nodes of a cluster. */
  readonly urls: readonly string[];
  /** False uses PUBLISH, which Redis 6 knows. @default whether the server can */
  readonly sharded?: boolean;
  /** Is told when a connection is there again: messages may have been missed. */
  readonly onReady: () => void;
  /** Is told that subscriptions were dropped, since their slots have moved to another node. */
  readonly onDropped: () => void;
  readonly onError: (error: unknown) => void;
}

const maxReconnectMs = 1000;
/** Of a command, since a server that is frozen or cut off refuses nothing. */
const commandMs = 5000;

/** Grows to a second, and is never the same for all gateways. */
const reconnectStrategy = (attempt: number): number =>
  Math.min(20 * 2 ** Math.min(attempt, 10), maxReconnectMs) * (0.5 + Math.random() / 2);

/**
 * Connects to what the address turns out to be: one server or a cluster.
 *
 * @throws when none of the addresses answers
 */
export async function connectToRedis(options: RedisConnectionOptions): Promise<RedisConnection> {
  const { isCluster, canShard } = await examine(options);
  const sharded = options.sharded ?? canShard;
  return isCluster ? connectToCluster(options, sharded) : connectToServer(options, sharded);
}

/** Asks the first that answers what it is. */
async function examine({ urls, onError }: RedisConnectionOptions): Promise<{
  readonly isCluster: boolean;
  readonly canShard: boolean;
}> {
  for (const [index, url] of urls.entries()) {
    const client = createClient({ url, socket: { reconnectStrategy: false } });
    // Its errors reject what is asked of it too.
    client.on('error', () => {});
    try {
      await client.connect();
      const info = await client.info();
      const version = Number(/^redis_version:(\d+)/m.exec(info)?.[1] ?? 0);
      return { isCluster: /^cluster_enabled:1/m.test(info), canShard: version >= 7 };
    } catch (error: unknown) {
      if (index === urls.length - 1) throw error;
      onError(error);
    } finally {
      client.destroy();
    }
  }
  throw new Error('Expected the address of a Redis server, but got none');
}

async function connectToServer(
  { urls, onReady, onError }: RedisConnectionOptions,
  sharded: boolean,
): Promise<RedisConnection> {
  const [url = ''] = urls;
  // A command that waits for a server to come back may find another one there: better to be told.
  const commands = createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy } });
  const messages = createClient({ url, socket: { reconnectStrategy } });
  for (const client of [commands, messages]) client.on('error', onError).on('ready', onReady);
  await Promise.all([commands.connect(), messages.connect()]);
  return {
    ...commandsOf(commands, sharded),
    subscribe: async (channel, listener) =>
      sharded ? messages.sSubscribe(channel, listener) : messages.subscribe(channel, listener),
    unsubscribe: async (channel) =>
      sharded ? messages.sUnsubscribe(channel) : messages.unsubscribe(channel),
    close: () => {
      commands.destroy();
      messages.destroy();
    },
  };
}

/** What the client calls when it wants to subscribe anew. */
const resubscribeEvent = '__resubscribeListeners';

async function connectToCluster(
  { urls, onReady, onDropped, onError }: RedisConnectionOptions,
  sharded: boolean,
): Promise<RedisConnection> {
  const cluster = createCluster({
    rootNodes: urls.map((url) => ({ url })),
    // So that a node that is down is in the way of nothing but its own partitions.
    minimizeConnections: true,
    defaults: { ...credentialsOf(urls), disableOfflineQueue: true, socket: { reconnectStrategy } },
  });
  cluster.on('error', onError).on('node-error', onError).on('node-ready', onReady);
  // The client's own way of it leaves a failure to nobody, which ends the process.
  cluster.removeAllListeners(resubscribeEvent);
  for (const event of [resubscribeEvent, 'sharded-channel-moved-error']) cluster.on(event, onDropped);
  await cluster.connect();
  return {
    ...commandsOf(cluster, sharded),
    subscribe: async (channel, listener) =>
      sharded ? cluster.sSubscribe(channel, listener) : cluster.subscribe(channel, listener),
    unsubscribe: async (channel) => (sharded ? cluster.sUnsubscribe(channel) : cluster.unsubscribe(channel)),
    close: () => cluster.destroy(),
  };
}

/** Nodes that were discovered are not in the list of addresses, so they cannot bring their credentials. */
function credentialsOf(urls: readonly string[]): { readonly username?: string; readonly password?: string } {
  const { username, password } = new URL(urls[0] ?? '');
  return {
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
  };
}

/** What the clients of a server and of a cluster have in common. */
interface Commands {
  evalSha(sha: string, options: ScriptArguments): Promise<unknown>;
  eval(text: string, options: ScriptArguments): Promise<unknown>;
  xRange(key: string, start: string, end: string, options: { COUNT: number }): Promise<unknown>;
  sMembers(key: string): Promise<unknown>;
}

interface ScriptArguments {
  readonly keys: string[];
  readonly arguments: string[];
}

function commandsOf(
  client: Commands,
  sharded: boolean,
): Pick<RedisConnection, 'publish' | 'run' | 'range' | 'members'> {
  return {
    publish: sharded ? 'SPUBLISH' : 'PUBLISH',
    run: (script, key, args) => inTime(runScript(client, script, { keys: [key], arguments: [...args] })),
    range: async (key, start, limit) =>
      (await inTime(client.xRange(key, start, '+', { COUNT: limit }))) as readonly RedisStreamEntry[],
    members: async (key) => [...((await inTime(client.sMembers(key))) as Iterable<string>)],
  };
}

/** A server that was restarted no longer knows the script. */
async function runScript(client: Commands, { sha, text }: Script, args: ScriptArguments): Promise<unknown> {
  try {
    return await client.evalSha(sha, args);
  } catch (error: unknown) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return client.eval(text, args);
  }
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`Redis did not answer within ${commandMs} ms`)),
    commandMs,
  );
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
