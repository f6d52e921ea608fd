import type { UnreadableEvent } from './event-log-errors.ts';
import type { LogStore } from './log-store.ts';
import type { LoggedEvent } from './position.ts';
import { assertNext, pageSize, readPage } from './read-page.ts';

/** Notices that are kept while the partition is read from the store, since they come right after what is read. */
const maxHeld = 1000;

/** Who takes what a partition has. */
export interface PartitionReader {
  /** Whether it takes more at present; when it does again it calls {@link FollowedPartition.catchUp}. */
  readonly isRoomy: boolean;
  readonly hasEnded: boolean;
  take(entries: readonly LoggedEvent[]): void;
  /** Is told of what is left out. */
  skip(error: UnreadableEvent): void;
  fail(error: unknown): void;
}

/**
 * Follows one partition without gaps.
 *
 * A notice that brings the event which comes next is passed on at once. Anything else (one that is further on, one
 * without an event, a connection that was lost, a reader that is too slow) only says that the partition has to be
 * read. So notices are never needed, they are only faster: whatever may happen to them, what is passed on is what
 * the store holds, in the store's order.
 */
export class FollowedPartition {
  readonly #name: string;
  readonly #store: LogStore;
  readonly #reader: PartitionReader;
  #position: number;
  #mayBeginAnywhere: boolean;
  #isBehind = false;
  #isCatchingUp = false;
  #held: LoggedEvent[] | undefined;

  /** Without `after` it appeared while the log was followed, and is taken from wherever it begins. */
  constructor(name: string, after: number | undefined, store: LogStore, reader: PartitionReader) {
    this.#name = name;
    this.#store = store;
    this.#reader = reader;
    this.#position = after ?? 0;
    this.#mayBeginAnywhere = after === undefined;
  }

  /** Is told that the partition reaches as far as `seq`. */
  appended(seq: number, entry?: LoggedEvent): void {
    if (seq <= this.#position) return;
    if (entry && this.#held && this.#held.length < maxHeld) {
      this.#held.push(entry);
    } else if (entry && seq === this.#position + 1 && this.#takesNotices) {
      this.#pass([entry], seq);
    } else {
      this.#isBehind = true;
      void this.catchUp();
    }
  }

  /** Reads what it is behind with, unless it does so already. */
  async catchUp(): Promise<void> {
    if (this.#isCatchingUp) return;
    this.#isCatchingUp = true;
    try {
      while (this.#isBehind && this.#reader.isRoomy && !this.#reader.hasEnded) await this.#read();
    } catch (error: unknown) {
      this.#reader.fail(error);
    } finally {
      this.#isCatchingUp = false;
    }
  }

  get #takesNotices(): boolean {
    return !this.#isBehind && !this.#held && this.#reader.isRoomy;
  }

  async #read(): Promise<void> {
    this.#isBehind = false;
    this.#held = [];
    try {
      const range = { partition: this.#name, after: this.#position, limit: pageSize };
      const page = await readPage(this.#store, range, (error) => this.#reader.skip(error));
      if (this.#reader.hasEnded) return;
      if (!this.#mayBeginAnywhere) assertNext(this.#name, this.#position, page);
      this.#pass(page.entries, page.last);
      this.#isBehind ||= page.size === pageSize;
    } catch (error: unknown) {
      this.#isBehind = true;
      throw error;
    } finally {
      this.#release();
    }
  }

  #pass(entries: readonly LoggedEvent[], last: number): void {
    if (last === this.#position) return;
    this.#position = last;
    this.#mayBeginAnywhere = false;
    if (entries.length > 0) this.#reader.take(entries);
  }

  /** Notices that came while it was read: those that were read too are dropped, the next are passed on. */
  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const entry of held) this.appended(entry.position.seq, entry);
  }
}
