import type { Event } from './event.ts';
import type { LogCursor, LoggedEvent, Position } from './position.ts';

/** "known": that seq is there already, so the event was appended before or the appender is a leader of the past. */
export type AppendOutcome = 'appended' | 'known';

/** How to append. */
export interface AppendOptions {
  /**
   * The sender has nothing older than the first entry of each partition, so a partition that ends before it begins
   * anew with it, and whoever is still behind it gets {@link CursorTooOld}. Without it a log that has lost its data
   * would take the next event as its first, and nobody would send again what was lost. @default false
   */
  readonly restart?: boolean;
}

/** Where to start and when to end. */
export interface TailOptions {
  /** @default the end of the log, as it is when `ready` resolves */
  readonly after?: LogCursor;
  readonly signal: AbortSignal;
}

/** What is appended from now on. */
export interface Tail {
  /** Resolves with the place where it starts, when nothing that is appended from now on can be missed. */
  readonly ready: Promise<LogCursor>;
  /** Batches: what is there at the same time. For one reader, which may leave the loop whenever it likes. */
  readonly events: AsyncIterable<readonly LoggedEvent[]>;
}

/** A part of the past. */
export interface ReadRange {
  readonly after: LogCursor;
  /** Says which partitions are read and how far. */
  readonly until: LogCursor;
  readonly signal?: AbortSignal;
}

/** What happened, in an order that holds in each partition, for as long as the log is kept. */
export interface EventLog {
  /**
   * Appends an event at the place that its source gave it.
   *
   * @throws {EventLogGap} when the partition does not end right before that place, also when it is empty and the
   *   place is not 1 (see {@link AppendOptions.restart})
   */
  append(position: Position, event: Event, options?: AppendOptions): Promise<AppendOutcome>;
  /**
   * The same for many; those of one partition in ascending order. What came before a gap is appended.
   *
   * @returns one outcome for each, in the order that they were given in
   */
  appendAll(entries: readonly LoggedEvent[], options?: AppendOptions): Promise<readonly AppendOutcome[]>;
  /** The last seq of each of these partitions, 0 for an empty one. */
  ends(partitions: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** The cursor of now. */
  head(): Promise<LogCursor>;
  /**
   * Follows the log, gap-free and in order in each partition, over reconnects and restarts of the store.
   * A partition that the cursor does not name, and one that appears later, is followed from its beginning.
   * The events end when the signal aborts or the log is stopped, and throw {@link CursorTooOld} (so does `ready`)
   * when the log no longer holds what comes next. Positions after the end of the log are waited for: a log that
   * lost data gets it again.
   */
  tail(options: TailOptions): Tail;
  /**
   * The past, for one that resumes: after < position <= until, in order in each partition. What the log has not
   * got yet is waited for, until the signal aborts.
   *
   * @throws {CursorTooOld} when the log no longer holds it
   */
  read(range: ReadRange): AsyncIterable<readonly LoggedEvent[]>;
  /** Ends every tail and closes every connection. */
  stop(): Promise<void>;
}

/** How much of the past a log keeps. The newest event of a partition always stays. */
export interface Retention {
  /** Events in each partition, about. @default 20000 */
  readonly maxEvents?: number;
  /** @default a day */
  readonly maxAgeMs?: number;
}

export const defaultRetention: Required<Retention> = { maxEvents: 20_000, maxAgeMs: 24 * 60 * 60 * 1000 };
