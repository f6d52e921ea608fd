export { assertEvent, parseEvent, stringifyEvent } from './check-event.ts';
export { assertChannel, assertChannelPattern } from './channel.ts';
export { ChannelTrie } from './channel-trie.ts';
export { createEventLog, type EventLogOptions } from './create-event-log.ts';
export { decodeCursor, encodeCursor } from './cursor.ts';
export { maxEventBytes, type Audience, type EntityReference, type Event } from './event.ts';
export {
  CursorTooOld,
  EventLogGap,
  EventLogStopped,
  InvalidCursor,
  InvalidEvent,
  UnreadableEvent,
} from './event-log-errors.ts';
export {
  defaultRetention,
  type AppendOptions,
  type AppendOutcome,
  type EventLog,
  type ReadRange,
  type Retention,
  type Tail,
  type TailOptions,
} from './event-log.ts';
export type { JsonObject, JsonValue } from './json.ts';
export type { LogCursor, LoggedEvent, Position } from './position.ts';
export type { AppendedRange, LogStore, PartitionBounds, StoredEntry, StoreListener } from './log-store.ts';
export {
  createMemoryEventLog,
  createMemoryStore,
  EventMemory,
  type MemoryEventLogOptions,
} from './memory-event-log.ts';
export { openEventLog, readEventsUrl, type OpenEventLogOptions } from './open-event-log.ts';
export { defaultPartitions, isSourceName, parsePartition, partitionOf } from './partition.ts';
export {
  createPostgresEventLog,
  createPostgresStore,
  type PostgresEventLogOptions,
} from './postgres/create-postgres-event-log.ts';
export type { PostgresStoreOptions } from './postgres/postgres-store.ts';
export {
  createRedisEventLog,
  createRedisStore,
  type RedisEventLogOptions,
} from './redis/create-redis-event-log.ts';
export type { RedisStoreOptions } from './redis/redis-store.ts';
