/** An event, a channel or a pattern that is not written as it must be. Names what was expected, then what came. */
export class InvalidEvent extends Error {
  override readonly name = 'InvalidEvent';
}

/** A cursor that {@link encodeCursor} has not written. */
export class InvalidCursor extends Error {
  override readonly name = 'InvalidCursor';
}

/**
 * The log ends before what was to be appended: it has lost data, or the sender has left something out. Append again
 * from `expected`; when the sender no longer has that, from the oldest that it has, with `{ restart: true }`.
 */
export class EventLogGap extends Error {
  override readonly name = 'EventLogGap';
  readonly partition: string;
  /** The seq that the partition takes next: its end + 1, so 1 when it is empty. */
  readonly expected: number;

  constructor(partition: string, expected: number, got: number) {
    super(`Expected seq ${expected} next in partition "${partition}", but got ${got}`);
    this.partition = partition;
    this.expected = expected;
  }
}

/** The log no longer holds all that comes after a cursor. */
export class CursorTooOld extends Error {
  override readonly name = 'CursorTooOld';
  readonly partition: string;
  /** The oldest seq that the partition still holds. */
  readonly oldest: number;

  constructor(partition: string, after: number, oldest: number) {
    super(`Partition "${partition}" begins at seq ${oldest}, but what comes after ${after} was asked for`);
    this.partition = partition;
    this.oldest = oldest;
  }
}

/** What the log has at a place is no event: somebody else has written it, or a later version. It is left out. */
export class UnreadableEvent extends Error {
  override readonly name = 'UnreadableEvent';
  readonly partition: string;
  readonly seq: number;

  constructor(partition: string, seq: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`What partition "${partition}" has at seq ${seq} is left out: ${reason}`, { cause });
    this.partition = partition;
    this.seq = seq;
  }
}

/** The log was stopped. */
export class EventLogStopped extends Error {
  override readonly name = 'EventLogStopped';

  constructor() {
    super('The event log is stopped');
  }
}
