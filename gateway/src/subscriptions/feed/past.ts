import type { Event, LogCursor, LoggedEvent } from '@tributary/event-log';

import {
  pastPageSize,
  PastPages,
  type PastPagesOptions,
  type PastPlace,
  type PastReader,
} from './past-pages.ts';
import { Turns } from './turns.ts';

export interface PastRange {
  readonly after: LogCursor;
  readonly until: LogCursor;
  isMeant(event: Event): boolean;
}

/** A piece of the past, without what is not meant. */
export interface PastPiece {
  readonly meant: readonly LoggedEvent[];
  /** Up to where that is, in each partition of the piece. */
  readonly reached: readonly (readonly [partition: string, seq: number])[];
}

// Looked through in a few milliseconds: live events do not wait longer for those of the past.
const maxPieceEvents = 1000;

/**
 * The past of the log for those who resume. A cursor may be made up and ask for all that is kept, so reading and looking
 * through it is done piece by piece, in turn for each connection, and costs nobody's live events more than a piece.
 */
export class Past {
  readonly #pages: PastPages;
  readonly #turns = new Turns(1);

  constructor(options: PastPagesOptions) {
    this.#pages = new PastPages(options);
  }

  /**
   * The next piece of what lies between two cursors, in order in each partition; `undefined` at the end.
   *
   * @throws {CursorTooOld}
   * @throws the signal's reason, when it aborts
   */
  async next({ after, until, isMeant }: PastRange, reader: PastReader): Promise<PastPiece | undefined> {
    const places = nextPlaces(after, until);
    if (places.length === 0) return undefined;
    const parts = await Promise.all(places.map((place) => this.#pages.after(place, reader)));
    const endTurn = await this.#turns.take(reader.who, reader.signal);
    try {
      return {
        meant: parts.flatMap(({ events }) => events.filter(({ event }) => isMeant(event))),
        reached: parts.map(({ partition, until: reached }) => [partition, reached]),
      };
    } finally {
      endTurn();
    }
  }
}

/** Partitions that are behind, as many as make one piece. */
function nextPlaces(positions: LogCursor, until: LogCursor): readonly PastPlace[] {
  const places: PastPlace[] = [];
  let events = 0;
  for (const [partition, end] of until) {
    const after = positions.get(partition) ?? 0;
    if (after >= end) continue;
    places.push({ partition, after, until: end });
    events += Math.min(end - after, pastPageSize);
    if (events >= maxPieceEvents) break;
  }
  return places;
}
