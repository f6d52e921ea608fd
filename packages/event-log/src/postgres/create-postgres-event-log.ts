import { createEventLog, type EventLogOptions } from '../create-event-log.ts';
import type { EventLog } from '../event-log.ts';
import type { LogStore } from '../log-store.ts';
import { PostgresStore, type PostgresStoreOptions } from './postgres-store.ts';

export interface PostgresEventLogOptions extends EventLogOptions, PostgresStoreOptions {}

/**
 * A log in a PostgreSQL database of its own. It connects when it is first used, and again whenever the connection is
 * lost.
 *
 * @example createPostgresEventLog({ url: 'postgres://…/events' })
 */
export const createPostgresEventLog = (options: PostgresEventLogOptions): EventLog =>
  createEventLog(createPostgresStore(options), options);

/** The store of {@link createPostgresEventLog}. */
export const createPostgresStore = (options: PostgresStoreOptions): LogStore => new PostgresStore(options);
