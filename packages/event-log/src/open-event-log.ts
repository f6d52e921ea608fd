import type { SettingsReader } from '@tributary/config';

import type { EventLogOptions } from './create-event-log.ts';
import type { EventLog, Retention } from './event-log.ts';
import { createMemoryEventLog } from './memory-event-log.ts';
import { createPostgresEventLog } from './postgres/create-postgres-event-log.ts';
import { createRedisEventLog } from './redis/create-redis-event-log.ts';

const protocols = ['redis', 'rediss', 'postgres', 'postgresql', 'memory'];

/**
 * Reads where the event log is: `EVENTS_URL`, or the Redis of `REDIS_URL`. Absent when neither is set. Everybody who
 * writes to the log or reads it has to be told the same.
 */
export function readEventsUrl(read: SettingsReader): string | undefined {
  const redisUrl = optionalUrl(read, 'REDIS_URL', ['redis', 'rediss']);
  return optionalUrl(read, 'EVENTS_URL', protocols) ?? redisUrl;
}

const optionalUrl = (read: SettingsReader, name: string, allowed: readonly string[]): string | undefined =>
  read.optionalString(name) === undefined ? undefined : read.url(name, { protocols: allowed });

export interface OpenEventLogOptions extends EventLogOptions {
  /** `redis:`, `rediss:`, `postgres:`, or `memory:`, which is a log within this process and gone with it. */
  readonly url: string;
  /** How much of the past is kept, by whoever appends. */
  readonly retention?: Retention;
}

/**
 * The event log at an address; it connects when it is first used.
 *
 * @example openEventLog({ url: 'redis://127.0.0.1:6379' })
 */
export function openEventLog(options: OpenEventLogOptions): EventLog {
  const { protocol } = new URL(options.url);
  if (protocol === 'memory:') return createMemoryEventLog(options);
  return protocol.startsWith('redis') ? createRedisEventLog(options) : createPostgresEventLog(options);
}
