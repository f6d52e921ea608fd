import type { JsonObject, JsonValue } from './json.ts';

/** An entity by its type and the fields of one of its keys. */
export interface EntityReference {
  readonly __typename: string;
  readonly [keyField: string]: JsonValue;
}

/** Who may see an event: one of the principals, or whoever has one of the roles. */
export interface Audience {
  readonly principals?: readonly string[];
  readonly roles?: readonly string[];
}

/** Something that happened, before the log gives it a place. At most {@link maxEventBytes} as JSON. */
export interface Event {
  /** A UUID: the same event has the same id, however often it is appended. */
  readonly id: string;
  /** Like "post.42.comment-added". */
  readonly channel: string;
  /** Like "CommentAdded". */
  readonly type: string;
  /** ISO 8601. */
  readonly occurredAt: string;
  /** The subgraph that publishes it. */
  readonly source: string;
  /** What it happened to: whoever hears of it asks the source for it. */
  readonly entity: EntityReference;
  /** Other entities whose answers change with it. */
  readonly touches?: readonly EntityReference[];
  /** Absent: everybody may see it. */
  readonly audience?: Audience;
  /** Fields that save a fetch; never what is marked as protected or personal. */
  readonly data?: JsonObject;
}

/** Small enough that a PostgreSQL row, a Redis message and a frame can each hold one without a thought. */
export const maxEventBytes = 7 * 1024;
