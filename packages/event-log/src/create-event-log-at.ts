import type { EventLogOptions } from './create-event-log.ts';
import type { EventLog, Retention } from './event-log.ts';
import { createMemoryEventLog } from './memory-event-log.ts';
import { createPostgresEventLog } from './postgres/create-postgres-event-log.ts';
import { createRedisEventLog } from './redis/create-redis-event-log.ts';

export interface EventLogAtOptions extends EventLogOptions {
  readonly retention?: Retention;
}

/**
 * Makes the event log that an address stands for: `redis://` and `rediss://` (several with commas between for a
 * cluster), `postgres://` and `postgresql://`, and `memory:`, which is for one process alone.
 *
 * @example createEventLogAt('redis://127.0.0.1:6379')
 * @throws {TypeError} for any other address
 */
export function createEventLogAt(url: string, options: EventLogAtOptions = {}): EventLog {
  const scheme = url.slice(0, url.indexOf(':') + 1);
  if (scheme === 'redis:' || scheme === 'rediss:') return createRedisEventLog({ ...options, url });
  if (scheme === 'postgres:' || scheme === 'postgresql:') return createPostgresEventLog({ ...options, url });
  if (url === 'memory:') return createMemoryEventLog(options);
  // Not the address itself, which may hold a password.
  throw new TypeError(`Expected a redis://, rediss://, postgres:// or memory: address, but got ${scheme}`);
}
