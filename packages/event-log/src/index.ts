export { maxEventBytes, type Audience, type EntityReference, type Event } from './event.ts';
export {
  CursorTooOld,
  EventLogGap,
  EventLogStopped,
  InvalidCursor,
  InvalidEvent,
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
