import type { LogCursor } from '@tributary/event-log';

export interface PlaceIntervals {
  /** Events of one partition. */
  readonly events: number;
  readonly ms: number;
}

// A quarter of the events and a part of the day that a log keeps by default.
const defaultIntervals: PlaceIntervals = { events: 5000, ms: 60 * 60 * 1000 };

/** Says when the log has gone so far that cursors of before should be replaced. */
export class PlaceClock {
  readonly #intervals: PlaceIntervals;
  readonly #now: () => number;
  #told: LogCursor | undefined;
  #toldAt: number;

  constructor(intervals: Partial<PlaceIntervals> = {}, now: () => number = Date.now) {
    this.#intervals = { ...defaultIntervals, ...intervals };
    this.#now = now;
    this.#toldAt = now();
  }

  /** Somebody wants to know, who is at that place or behind it. */
  begin(position: LogCursor): void {
    this.#told ??= position;
  }

  /** Whether that is a place to tell; then the next one is far from it. */
  isDue(position: LogCursor): boolean {
    const { events, ms } = this.#intervals;
    const now = this.#now();
    const told = this.#told;
    if (!told) return false;
    const gone = Math.max(0, ...[...position].map(([partition, seq]) => seq - (told.get(partition) ?? 0)));
    if (gone < events && (gone === 0 || now - this.#toldAt < ms)) return false;
    this.#told = position;
    this.#toldAt = now;
    return true;
  }
}
