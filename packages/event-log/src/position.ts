import type { Event } from './event.ts';

/** The place of an event in the log. */
export interface Position {
  /** Like "posts.0": the source and the number of one of its partitions. */
  readonly partition: string;
  /** Dense, from 1, in each partition. */
  readonly seq: number;
}

/** An event with its place. */
export interface LoggedEvent {
  readonly position: Position;
  readonly event: Event;
}

/** A place in the whole log: the last `seq` seen of each partition. A partition that is not in it has seq 0. */
export type LogCursor = ReadonlyMap<string, number>;
