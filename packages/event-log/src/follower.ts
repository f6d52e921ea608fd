import { CursorTooOld } from './event-log-errors.ts';
import type { LogStore, StoreListener } from './log-store.ts';
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
}

/** Events that are read from one partition at once. */
export const pageSize = 500;
/** Notices that are kept while a partition is read from the store, since they come right after what is read. */
const maxHeld = 1000;

/**
 * Follows a store without gaps.
 *
 * A notice that brings the event which comes next in its partition is passed on at once. Anything else (one that is
 * further on, one without an event, a connection that was lost, a reader that is too slow) only says that the
 * partition has to be read. So notices are never needed, they are only faster: whatever may happen to them, what is
 * passed on is what the store holds, in the store's order.
 */
export class Follower implements StoreListener {
  readonly #store: LogStore;
  readonly #options: FollowOptions;
  /** The last seq passed on, of each partition that is followed. */
  readonly #positions = new Map<string, number>();
  /** Partitions that appeared while we followed: they are taken from wherever they begin. */
  readonly #unbegun = new Set<string>();
  /** Partitions that have to be read. */
  #behind = new Set<string>();
  /** Notices of partitions that are being read. */
  readonly #held = new Map<string, LoggedEvent[]>();
  /** Whether the store has to be asked which partitions are behind. */
  #mustFind = false;
  #isStarted = false;
  #isCatchingUp = false;
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
    const bounds = await this.#store.bounds();
    for (const [partition, seq] of after ?? []) this.#positions.set(partition, seq);
    for (const [partition, { first, last }] of bounds) {
      const seq = after ? (after.get(partition) ?? 0) : last;
      if (first > seq + 1) throw new CursorTooOld(partition, seq, first);
      this.#positions.set(partition, seq);
    }
    const start = new Map(this.#positions);
    this.#isStarted = true;
    // Notices that came before we knew where to start are forgotten: this finds what they told.
    this.#check();
    return start;
  }

  appended(partition: string, seq: number, entry?: LoggedEvent): void {
    if (!this.#isStarted || this.#end) return;
    const position = this.#positionOf(partition);
    if (seq <= position) return;
    if (entry && this.#hold(partition, entry)) return;
    if (entry && seq === position + 1 && this.#isRoomy && !this.#behind.has(partition)) {
      this.#pass([entry]);
      return;
    }
    this.#behind.add(partition);
    void this.#catchUp();
  }

  missed(): void {
    if (!this.#isStarted || this.#end) return;
    this.#mustFind = true;
    void this.#catchUp();
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
  async take(): Promise<readonly LoggedEvent[] | undefined> {
    while (this.#waiting.length === 0) {
      if (this.#end && 'error' in this.#end) throw this.#end.error;
      if (this.#end) return undefined;
      await new Promise<void>((resolve) => (this.#wakeReader = resolve));
    }
    const batch = this.#waiting;
    this.#waiting = [];
    // There is room again for what had to wait in the store.
    if (this.#behind.size > 0) void this.#catchUp();
    return batch;
  }

  get #isRoomy(): boolean {
    return this.#waiting.length < this.#options.maxWaiting;
  }

  #positionOf(partition: string): number {
    const position = this.#positions.get(partition);
    if (position !== undefined) return position;
    this.#positions.set(partition, 0);
    this.#unbegun.add(partition);
    return 0;
  }

  #pass(entries: readonly LoggedEvent[]): void {
    for (const entry of entries) {
      const { partition, seq } = entry.position;
      this.#waiting.push(entry);
      this.#positions.set(partition, seq);
      this.#unbegun.delete(partition);
    }
    this.#wakeReader();
  }

  #hold(partition: string, entry: LoggedEvent): boolean {
    const held = this.#held.get(partition);
    if (!held || held.length >= maxHeld) return false;
    held.push(entry);
    return true;
  }

  /** Reads until nothing is behind; one read at a time, so that they come in order. */
  async #catchUp(): Promise<void> {
    if (this.#isCatchingUp) return;
    this.#isCatchingUp = true;
    try {
      while (!this.#end && (this.#mustFind || (this.#behind.size > 0 && this.#isRoomy))) {
        await (this.#mustFind ? this.#findBehind() : this.#readBehind());
      }
    } catch (error: unknown) {
      this.#fail(error);
    } finally {
      this.#isCatchingUp = false;
    }
  }

  async #findBehind(): Promise<void> {
    const bounds = await this.#store.bounds();
    this.#mustFind = false;
    for (const [partition, { last }] of bounds) {
      if (last > this.#positionOf(partition)) this.#behind.add(partition);
    }
  }

  async #readBehind(): Promise<void> {
    const partitions = this.#behind;
    this.#behind = new Set();
    for (const partition of partitions) this.#held.set(partition, []);
    try {
      const after = new Map([...partitions].map((partition) => [partition, this.#positionOf(partition)]));
      const pages = await this.#store.page(after, pageSize);
      for (const [partition, page] of pages) this.#takePage(partition, page);
    } catch (error: unknown) {
      for (const partition of partitions) this.#behind.add(partition);
      throw error;
    } finally {
      this.#release(partitions);
    }
  }

  #takePage(partition: string, page: readonly LoggedEvent[]): void {
    if (this.#end) return;
    const position = this.#positionOf(partition);
    if (!this.#unbegun.has(partition)) assertNext(partition, position, page);
    this.#pass(page);
    if (page.length === pageSize) this.#behind.add(partition);
  }

  /** Notices that came while the partitions were read: those that were read too are dropped, the next pass. */
  #release(partitions: ReadonlySet<string>): void {
    for (const partition of partitions) {
      const held = this.#held.get(partition) ?? [];
      this.#held.delete(partition);
      for (const entry of held) this.appended(partition, entry.position.seq, entry);
    }
  }

  /** What the log no longer holds stays lost; a store that cannot be reached is asked again. */
  #fail(error: unknown): void {
    if (error instanceof CursorTooOld) {
      this.end({ error });
    } else if (!this.#end) {
      this.#options.onError(error);
      this.#checkAfter(this.#options.retryMs);
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

/**
 * Makes sure that a page, which begins with what the store holds, begins with what was asked for.
 *
 * @throws {CursorTooOld}
 */
export function assertNext(partition: string, after: number, page: readonly LoggedEvent[]): void {
  const oldest = page[0]?.position.seq ?? after + 1;
  if (oldest > after + 1) throw new CursorTooOld(partition, after, oldest);
}
