import { EventLogStopped } from '../event-log-errors.ts';
import { defaultRetention, type Retention } from '../event-log.ts';
import type { AppendedRange, LogStore, PartitionBounds, StoredEntry, StoreListener } from '../log-store.ts';
import { readEntry } from '../read-page.ts';
import { appendScript, boundsScript, registerScript } from './scripts.ts';
import { connectToRedis } from './connect-to-redis.ts';
import type { RedisConnection } from './redis-connection.ts';

export interface RedisStoreOptions {
  /** `redis://` or `rediss://`; several, with commas between, for nodes of one cluster. */
  readonly url: string;
  /** Stands before the names of all keys and channels. @default 'tributary' */
  readonly prefix?: string;
  /** False uses PUBLISH, which Redis 6 knows. @default whether the server can */
  readonly sharded?: boolean;
  readonly retention?: Retention;
  /** @default nobody is told */
  readonly onError?: (error: unknown) => void;
}

interface Subscription {
  /** Absent for the channel that tells of new partitions. */
  readonly partition: string | undefined;
  readonly done: Promise<void>;
}

/**
 * Keeps each partition in a stream, whose entries have their seq as id, and publishes what is appended on a channel
 * of the same hash tag, so that both are in one slot of a cluster.
 */
export class RedisStore implements LogStore {
  readonly #options: RedisStoreOptions;
  readonly #onError: (error: unknown) => void;
  readonly #prefix: string;
  readonly #retention: Required<Retention>;
  #connecting: Promise<RedisConnection> | undefined;
  #connection: RedisConnection | undefined;
  readonly #stopping = new AbortController();
  readonly #listeners = new Set<StoreListener>();
  /** Channels that are subscribed to, or about to be. */
  readonly #subscriptions = new Map<string, Subscription>();
  /** Partitions that the server was told of, since it was last connected to. */
  readonly #registered = new Set<string>();

  constructor(options: RedisStoreOptions) {
    this.#options = options;
    this.#onError = options.onError ?? (() => {});
    this.#prefix = options.prefix ?? 'tributary';
    this.#retention = { ...defaultRetention, ...options.retention };
  }

  async append(
    partition: string,
    entries: readonly StoredEntry[],
    { restart }: { readonly restart: boolean },
  ): Promise<AppendedRange> {
    const redis = await this.#connect();
    // Before anything is in it, so that nobody can miss a partition that has events.
    await this.#register(redis, [partition]);
    const [before, after] = (await redis.run(appendScript, this.#stream(partition), [
      restart ? '1' : '0',
      String(this.#retention.maxEvents),
      String(this.#retention.maxAgeMs),
      redis.publish,
      this.#stream(partition),
      ...entries.flatMap(({ seq, text }) => [String(seq), text]),
    ])) as [number, number];
    return { before, after };
  }

  async partitions(): Promise<readonly string[]> {
    const redis = await this.#connect();
    const partitions = await redis.members(this.#registry);
    if (this.#listeners.size > 0) this.#followSoon(redis, partitions);
    return partitions;
  }

  async bounds(partition: string): Promise<PartitionBounds> {
    const redis = await this.#connect();
    const [first, last] = (await redis.run(boundsScript, this.#stream(partition), [])) as [number, number];
    return { first, last };
  }

  async page(partition: string, after: number, limit: number): Promise<readonly StoredEntry[]> {
    const redis = await this.#connect();
    const entries = await redis.range(this.#stream(partition), `${after + 1}-0`, limit);
    return entries.map(({ id, message }) => ({ seq: Number.parseInt(id, 10), text: message['e'] ?? '' }));
  }

  async listen(listener: StoreListener): Promise<() => Promise<void>> {
    const redis = await this.#connect();
    this.#listeners.add(listener);
    try {
      await this.#followRegistry(redis);
      await this.#follow(redis, await redis.members(this.#registry));
    } catch (error: unknown) {
      await this.#leave(listener);
      throw error;
    }
    return () => this.#leave(listener);
  }

  async stop(): Promise<void> {
    this.#listeners.clear();
    this.#subscriptions.clear();
    this.#stopping.abort(new EventLogStopped());
    await this.#connecting?.catch(() => undefined);
  }

  #stream(partition: string): string {
    return `${this.#prefix}:log:{${partition}}`;
  }

  get #registry(): string {
    return `${this.#prefix}:log:partitions`;
  }

  async #connect(): Promise<RedisConnection> {
    this.#stopping.signal.throwIfAborted();
    this.#connecting ??= this.#open().catch((error: unknown) => {
      this.#connecting = undefined;
      throw error;
    });
    return this.#connecting;
  }

  async #open(): Promise<RedisConnection> {
    const { url, sharded } = this.#options;
    const { signal } = this.#stopping;
    this.#connection = await connectToRedis({
      urls: url.split(','),
      ...(sharded !== undefined && { sharded }),
      onReady: () => this.#reconnected(),
      onDropped: () => this.#dropped(),
      onError: (error) => {
        if (!signal.aborted) this.#onError(error);
      },
      signal,
    });
    return this.#connection;
  }

  /** Messages were missed, and the server may have come back without its data. */
  #reconnected(): void {
    const followed = [...this.#subscriptions.values()].flatMap(({ partition }) => partition ?? []);
    const known = [...new Set([...this.#registered, ...followed])];
    this.#registered.clear();
    const redis = this.#connection;
    if (!redis) return;
    if (known.length > 0) this.#register(redis, known).catch(this.#onError);
    for (const listener of this.#listeners) listener.missed();
  }

  async #register(redis: RedisConnection, partitions: readonly string[]): Promise<void> {
    const unregistered = partitions.filter((partition) => !this.#registered.has(partition));
    if (unregistered.length === 0) return;
    await redis.run(registerScript, this.#registry, [redis.publish, this.#registry, ...unregistered]);
    for (const partition of unregistered) this.#registered.add(partition);
  }

  /** Subscribes again; what cannot be subscribed to now is found missing when the log is looked at next. */
  #dropped(): void {
    const redis = this.#connection;
    const partitions = [...this.#subscriptions.values()].flatMap(({ partition }) => partition ?? []);
    this.#subscriptions.clear();
    if (redis && this.#listeners.size > 0) this.#followSoon(redis, partitions);
  }

  /** Follows partitions that are not followed yet, and lets the listeners look at them then. */
  #followSoon(redis: RedisConnection, partitions: readonly string[]): void {
    const added = partitions.filter((partition) => !this.#subscriptions.has(this.#stream(partition)));
    if (added.length === 0 && this.#subscriptions.has(this.#registry)) return;
    Promise.all([this.#followRegistry(redis), this.#follow(redis, added)])
      .then(() => {
        for (const listener of this.#listeners) listener.missed();
        return undefined;
      })
      .catch(this.#onError);
  }

  #followRegistry(redis: RedisConnection): Promise<void> {
    return this.#subscribe(redis, this.#registry, undefined, (partition) =>
      this.#followSoon(redis, [partition]),
    );
  }

  async #follow(redis: RedisConnection, partitions: readonly string[]): Promise<void> {
    await Promise.all(
      partitions.map((partition) =>
        this.#subscribe(redis, this.#stream(partition), partition, (message) =>
          this.#tell(partition, message),
        ),
      ),
    );
  }

  async #subscribe(
    redis: RedisConnection,
    channel: string,
    partition: string | undefined,
    listener: (message: string) => void,
  ): Promise<void> {
    const known = this.#subscriptions.get(channel);
    if (known) return known.done;
    const subscription = { partition, done: redis.subscribe(channel, listener) };
    this.#subscriptions.set(channel, subscription);
    try {
      await subscription.done;
    } catch (error: unknown) {
      if (this.#subscriptions.get(channel) === subscription) this.#subscriptions.delete(channel);
      throw error;
    }
  }

  /** A message that cannot be read still tells that there is something to read. */
  #tell(partition: string, message: string): void {
    const space = message.indexOf(' ');
    const seq = Number(message.slice(0, space));
    if (!Number.isSafeInteger(seq)) return;
    const entry = readEntry(partition, { seq, text: message.slice(space + 1) });
    for (const listener of this.#listeners) listener.appended(partition, seq, entry);
  }

  async #leave(listener: StoreListener): Promise<void> {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0 || this.#stopping.signal.aborted) return;
    const redis = await this.#connect();
    const channels = [...this.#subscriptions.keys()];
    this.#subscriptions.clear();
    await Promise.all(channels.map((channel) => redis.unsubscribe(channel)));
  }
}
