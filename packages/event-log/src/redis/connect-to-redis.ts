import { commandsOf, type RedisConnection } from './redis-connection.ts';

export interface RedisConnectionOptions {
  /** Of a server, or of any nodes of a cluster. */
  readonly urls: readonly string[];
  /** False makes no connection for messages, where nobody subscribes. @default true */
  readonly subscribes?: boolean;
  /** False uses PUBLISH, which Redis 6 knows. @default whether the server can */
  readonly sharded?: boolean;
  /** Is told when a connection is there again: messages may have been missed. */
  readonly onReady: () => void;
  /** Is told that subscriptions were dropped, since their slots have moved to another node. */
  readonly onDropped: () => void;
  readonly onError: (error: unknown) => void;
  /** Closes what was connected, and ends what still connects. */
  readonly signal: AbortSignal;
}

const maxReconnectMs = 1000;

/** Grows to a second, and is never the same for all gateways. */
const reconnectStrategy = (attempt: number): number =>
  Math.min(20 * 2 ** Math.min(attempt, 10), maxReconnectMs) * (0.5 + Math.random() / 2);

/** Loaded when somebody has a Redis: the package takes longer than the rest of us. */
const loadClient = () => import('redis');

/**
 * Connects to what the address turns out to be: one server or a cluster.
 *
 * @throws when none of the addresses answers
 */
export async function connectToRedis(options: RedisConnectionOptions): Promise<RedisConnection> {
  const { isCluster, canShard } = await examine(options);
  options.signal.throwIfAborted();
  const sharded = options.sharded ?? canShard;
  return isCluster ? connectToCluster(options, sharded) : connectToServer(options, sharded);
}

/** Asks the first that answers what it is. */
async function examine({ urls, onError }: RedisConnectionOptions): Promise<{
  readonly isCluster: boolean;
  readonly canShard: boolean;
}> {
  for (const [index, url] of urls.entries()) {
    try {
      const info = await askInfo(url);
      const version = Number(/^redis_version:(\d+)/m.exec(info)?.[1] ?? 0);
      return { isCluster: /^cluster_enabled:1/m.test(info), canShard: version >= 7 };
    } catch (error: unknown) {
      if (index === urls.length - 1) throw error;
      onError(error);
    }
  }
  throw new Error('Expected the address of a Redis server, but got none');
}

async function askInfo(url: string): Promise<string> {
  const { createClient } = await loadClient();
  const client = createClient({ url, socket: { reconnectStrategy: false } });
  // Its errors reject what is asked of it too.
  client.on('error', () => {});
  try {
    await client.connect();
    return await client.info();
  } finally {
    client.destroy();
  }
}

async function connectToServer(
  { urls, subscribes = true, onReady, onError, signal }: RedisConnectionOptions,
  sharded: boolean,
): Promise<RedisConnection> {
  const { createClient } = await loadClient();
  const [url = ''] = urls;
  // A command that waits for a server to come back may find another one there: better to be told.
  const commands = createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy } });
  const messages = createClient({ url, socket: { reconnectStrategy } });
  const clients = subscribes ? [commands, messages] : [commands];
  for (const client of clients) client.on('error', onError).on('ready', onReady);
  await untilConnected(
    () => Promise.all(clients.map((client) => client.connect())),
    () => {
      for (const client of clients) client.destroy();
    },
    signal,
  );
  return {
    ...commandsOf(commands, sharded),
    subscribe: async (channel, listener) =>
      sharded ? messages.sSubscribe(channel, listener) : messages.subscribe(channel, listener),
    unsubscribe: async (channel) =>
      sharded ? messages.sUnsubscribe(channel) : messages.unsubscribe(channel),
  };
}

/** What the client emits when it wants to subscribe anew. */
const resubscribeEvent = '__resubscribeListeners';

async function connectToCluster(
  { urls, onReady, onDropped, onError, signal }: RedisConnectionOptions,
  sharded: boolean,
): Promise<RedisConnection> {
  const { createCluster } = await loadClient();
  const cluster = createCluster({
    rootNodes: urls.map((url) => ({ url })),
    // So that a node that is down is in the way of nothing but its own partitions.
    minimizeConnections: true,
    defaults: optionsOfNodes(urls),
  });
  cluster.on('error', onError).on('node-error', onError).on('node-ready', onReady);
  // The client's own way of it leaves a failure to nobody, which ends the process.
  cluster.removeAllListeners(resubscribeEvent);
  for (const event of [resubscribeEvent, 'sharded-channel-moved-error']) cluster.on(event, onDropped);
  await untilConnected(
    () => cluster.connect(),
    () => cluster.destroy(),
    signal,
  );
  return {
    ...commandsOf(cluster, sharded),
    subscribe: async (channel, listener) =>
      sharded ? cluster.sSubscribe(channel, listener) : cluster.subscribe(channel, listener),
    unsubscribe: async (channel) => (sharded ? cluster.sUnsubscribe(channel) : cluster.unsubscribe(channel)),
  };
}

/** Nodes are found by asking, so the address that brought us there says how to come to them. */
function optionsOfNodes([url = '']: readonly string[]) {
  const { protocol, username, password } = new URL(url);
  return {
    disableOfflineQueue: true,
    socket: { reconnectStrategy, ...(protocol === 'rediss:' && { tls: true as const }) },
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
  };
}

/** A client waits for its server for as long as nobody closes it. */
async function untilConnected(
  connect: () => Promise<unknown>,
  close: () => void,
  signal: AbortSignal,
): Promise<void> {
  signal.addEventListener('abort', close, { once: true });
  try {
    await connect();
    signal.throwIfAborted();
  } catch (error: unknown) {
    signal.removeEventListener('abort', close);
    close();
    throw error;
  }
}
