import { CursorTooOld, type UnreadableEvent } from './event-log-errors.ts';
import { FollowedPartition, type PartitionReader } from './followed-partition.ts';
import { allBounds, type LogStore, type StoreListener } from './log-store.ts';
import type { LogCursor, LoggedEvent } from './position.ts';

/** How a log is followed. */
export interface FollowOptions {
  /** How often the store is looked at although it said nothing. */
  readonly checkMs: number;
  /** How long to wait after a store could not be reached. */
  readonly retryMs: number;
  /** About how many events wait for the reader at most; the others wait in the store. */
  readonly maxWaiting: number;
  readonly onError: (error: unknown) => void;
  readonly onUnreadable: (error: UnreadableEvent) => void;
}

/** Follows all partitions of a store, also those that appear, for one reader. */
export class Follower implements StoreListener, PartitionReader {
  readonly #store: LogStore;
  readonly #options: FollowOptions;
  readonly #partitions = new Map<string, FollowedPartition>();
  #isStarted = false;
  #isLooking = false;
  #mustLookAgain = false;
  /** Whether the store could not be reached: said once, and not for each partition and attempt. */
  #isAway = false;
  #waiting: LoggedEvent[] = [];
  #wakeReader = (): void => {};
  #timer: NodeJS.Timeout | undefined;
  #end: { readonly error?: unknown } | undefined;

  constructor(store: LogStore, options: FollowOptions) {
    this.#store = store;
    this.#options = options;
  }

  /**
   * Takes the place to start from, when the store already tells what is appended. Without a cursor that is its end.
   *
   * @throws {CursorTooOld}
   */
  async start(after: LogCursor | undefined): Promise<LogCursor> {
    const start = new Map(after);
    for (const [partition, { first, last }] of await allBounds(this.#store)) {
      const seq = after ? (after.get(partition) ?? 0) : last;
      if (first > seq + 1) throw new CursorTooOld(partition, seq, first);
      start.set(partition, seq);
    }
    for (const [partition, seq] of start) this.#follow(partition, seq);
    this.#isStarted = true;
    // Notices that came before we knew where to start were not taken: this finds what they told.
    this.#check();
    return start;
  }

  appended(partition: string, seq: number, entry?: LoggedEvent): void {
    if (!this.#isStarted || this.#end) return;
    (this.#partitions.get(partition) ?? this.#follow(partition)).appended(seq, entry);
  }

  missed(): void {
    if (!this.#isStarted || this.#end) return;
    this.#mustLookAgain = true;
    void this.#look();
  }

  get isRoomy(): boolean {
    return this.#waiting.length < this.#options.maxWaiting;
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  take(entries: readonly LoggedEvent[]): void {
    this.#waiting.push(...entries);
    this.#wakeReader();
  }

  skip(error: UnreadableEvent): void {
    this.#options.onUnreadable(error);
  }

  /** What the log no longer holds stays lost; a store that cannot be reached is asked again. */
  fail(error: unknown): void {
    if (error instanceof CursorTooOld) {
      this.end({ error });
    } else if (!this.#end) {
      if (!this.#isAway) this.#options.onError(error);
      this.#isAway = true;
      this.#checkAfter(this.#options.retryMs);
    }
  }

  /** Ends it. The reader gets the error, after what waits for it; without one it gets nothing more. */
  end(reason: { readonly error?: unknown } = {}): void {
    if (this.#end) return;
    this.#end = reason;
    if (!('error' in reason)) this.#waiting = [];
    clearTimeout(this.#timer);
    this.#wakeReader();
  }

  /** Everything that waits, as soon as there is something; nothing once it has ended. */
  async nextBatch(): Promise<readonly LoggedEvent[] | undefined> {
    while (this.#waiting.length === 0) {
      if (this.#end && 'error' in this.#end) throw this.#end.error;
      if (this.#end) return undefined;
      await new Promise<void>((resolve) => (this.#wakeReader = resolve));
    }
    const batch = this.#waiting;
    this.#waiting = [];
    // There is room again for what had to wait in the store.
    for (const partition of this.#partitions.values()) void partition.catchUp();
    return batch;
  }

  #follow(partition: string, after?: number): FollowedPartition {
    const followed = new FollowedPartition(partition, after, this.#store, this);
    this.#partitions.set(partition, followed);
    return followed;
  }

  /** Compares where the store's partitions end with where we are. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#mustLookAgain && !this.#end) {
        this.#mustLookAgain = false;
        await this.#lookOnce();
      }
    } finally {
      this.#isLooking = false;
    }
  }

  /** Also when the store cannot say all: parts of a cluster may be down, and the others go on. */
  async #lookOnce(): Promise<void> {
    const known = this.#partitions.keys();
    const partitions = await this.#ask(() => this.#store.partitions());
    const looks = [...new Set([...known, ...(partitions ?? [])])].map((name) => this.#lookAt(name));
    const seen = await Promise.all(looks);
    if (partitions && seen.every((isSeen) => isSeen)) this.#isAway = false;
  }

  async #lookAt(partition: string): Promise<boolean> {
    const bounds = await this.#ask(() => this.#store.bounds(partition));
    if (bounds && bounds.last > 0) this.appended(partition, bounds.last);
    return bounds !== undefined;
  }

  async #ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    try {
      return await question();
    } catch (error: unknown) {
      this.fail(error);
      return undefined;
    }
  }

  #check(): void {
    this.#checkAfter(this.#options.checkMs);
    this.missed();
  }

  #checkAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#check(), ms);
  }
}
