import { CursorTooOld, type Event, type EventLog, type LoggedEvent } from '@tributary/event-log';
import { LRUCache } from 'lru-cache';

import { untilAborted } from '../../until-aborted.ts';
import { Turns } from './turns.ts';

/** A part of a partition, as far as it has been read. */
interface Page {
  readonly key: string;
  readonly partition: string;
  /** It holds what comes after this, or the log did not any more. */
  from: number;
  /** Up to here it has been read. */
  to: number;
  events: readonly LoggedEvent[];
  bytes: number;
  reading: Promise<void> | undefined;
}

/** A place in a partition, and how far is read from there. */
export interface PastPlace {
  readonly partition: string;
  readonly after: number;
  readonly until: number;
}

/** What follows a place. */
export interface PastPart {
  readonly partition: string;
  readonly events: readonly LoggedEvent[];
  /** Up to where that is. */
  readonly until: number;
}

/** Whose turn it is to have something read, and how long he wants it. */
export interface PastReader {
  readonly who: object;
  readonly signal: AbortSignal;
}

export interface PastPagesOptions {
  readonly log: Pick<EventLog, 'read'>;
  /** Ends what is being read. */
  readonly signal: AbortSignal;
}

/** Events that are read at once. */
export const pastPageSize = 250;

// Some tens of thousands of usual events: what a gateway's clients have missed who come back at the same time.
const maxBytes = 32 * 1024 * 1024;
// Clients that are told to come back do so within some seconds.
const ttlMs = 10_000;
const maxReads = 4;
// A read that takes longer waits for the store, and costs nobody anything.
const longestTurnMs = 1000;

/**
 * The past in pages that are read once for all who ask for them at about the same time, each page for whoever's turn it
 * is. A place of the log has one event for ever, so what was read of it stays true.
 */
export class PastPages {
  readonly #options: PastPagesOptions;
  readonly #turns = new Turns(maxReads);
  readonly #pages = new LRUCache<string, Page>({ maxSize: maxBytes, ttl: ttlMs, ttlAutopurge: true });

  constructor(options: PastPagesOptions) {
    this.#options = options;
  }

  /**
   * What comes right after a place, up to the end of its page.
   *
   * @throws {CursorTooOld}
   */
  async after({ partition, after, until }: PastPlace, reader: PastReader): Promise<PastPart> {
    const start = after - (after % pastPageSize);
    const end = Math.min(until, start + pastPageSize);
    const page = this.#pageAt(partition, start);
    while (page.to < end) await this.#readInTurn(page, end, reader);
    if (page.from > after) throw new CursorTooOld(partition, after, page.from + 1);
    return {
      partition,
      events: page.events.filter(({ position: { seq } }) => seq > after && seq <= end),
      until: end,
    };
  }

  #pageAt(partition: string, start: number): Page {
    const key = `${partition}:${start}`;
    const known = this.#pages.get(key);
    if (known) return known;
    const page: Page = { key, partition, from: start, to: start, events: [], bytes: 1, reading: undefined };
    this.#keep(page);
    return page;
  }

  async #readInTurn(page: Page, until: number, { who, signal }: PastReader): Promise<void> {
    const endTurn = await this.#turns.take(who, signal);
    // While he waited for his turn, it may have been read for somebody else.
    if (page.to >= until) {
      endTurn();
      return;
    }
    page.reading ??= this.#readOn(page, until).finally(() => (page.reading = undefined));
    const late = setTimeout(endTurn, longestTurnMs);
    const reading = page.reading.finally(() => {
      clearTimeout(late);
      endTurn();
    });
    await untilAborted(reading, signal);
  }

  /** Only what is new of a page that was read before: the newest one grows while clients come back. */
  async #readOn(page: Page, until: number): Promise<void> {
    const { log, signal } = this.#options;
    const { partition, to } = page;
    try {
      const range = { after: new Map([[partition, to]]), until: new Map([[partition, until]]), signal };
      const events = (await Array.fromAsync(log.read(range))).flat();
      page.events = [...page.events, ...events];
      page.to = until;
      page.bytes += events.reduce((sum, { event }) => sum + bytesOf(event), 0);
    } catch (error: unknown) {
      if (!(error instanceof CursorTooOld)) throw error;
      // It begins where the log does now; who is behind that is told, and who is not goes on.
      const begin = error.oldest - 1;
      Object.assign(page, { from: begin, to: begin, events: [], bytes: 1 });
    }
    this.#keep(page);
  }

  #keep(page: Page): void {
    this.#pages.set(page.key, page, { size: page.bytes });
  }
}

// What an event takes besides what its source has put into it.
const plainBytes = 800;

/** About what it takes in memory. */
const bytesOf = ({ data, touches, audience }: Event): number =>
  plainBytes + (data || touches || audience ? 2 * JSON.stringify([data, touches, audience]).length : 0);
