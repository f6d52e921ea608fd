import { createEventLog, type EventLogOptions } from '../create-event-log.ts';
import type { EventLog } from '../event-log.ts';
import type { LogStore } from '../log-store.ts';
import { RedisStore, type RedisStoreOptions } from './redis-store.ts';

export interface RedisEventLogOptions extends EventLogOptions, RedisStoreOptions {}

/**
 * A log in Redis 6.2 or later, a single server or a cluster, whichever the address turns out to be. It connects when
 * it is first used, and again whenever the connection is lost; an append rejects in the meantime.
 *
 * How much survives a restart of the server is up to its persistence; what is lost is appended again by the sources,
 * which are told by {@link EventLogGap}.
 *
 * @example createRedisEventLog({ url: 'redis://127.0.0.1:6379' })
 */
export const createRedisEventLog = (options: RedisEventLogOptions): EventLog =>
  createEventLog(createRedisStore(options), options);

/** The store of {@link createRedisEventLog}. */
export const createRedisStore = (options: RedisStoreOptions): LogStore => new RedisStore(options);
