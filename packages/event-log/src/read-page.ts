import { parseEvent } from './check-event.ts';
import { CursorTooOld, UnreadableEvent } from './event-log-errors.ts';
import type { LogStore, StoredEntry } from './log-store.ts';
import type { LoggedEvent } from './position.ts';

/** Events that are read at once. */
export const pageSize = 500;

/** What a partition holds after a place. */
export interface Page {
  /** Without those that cannot be read. */
  readonly entries: readonly LoggedEvent[];
  /** The place of the last, whether it can be read or not; where the page begins, when there is none. */
  readonly last: number;
  /** How many there are, those that cannot be read among them. */
  readonly size: number;
  /** The oldest place that the partition holds, of what was asked for. */
  readonly first: number | undefined;
}

export interface PageRange {
  readonly partition: string;
  readonly after: number;
  readonly limit: number;
}

/**
 * Reads a page. What is no event (somebody else has written it, or a later version) has its place all the same: it is told
 * of and left out, since otherwise nobody would ever get what comes after it.
 */
export async function readPage(
  store: LogStore,
  { partition, after, limit }: PageRange,
  onUnreadable: (error: UnreadableEvent) => void,
): Promise<Page> {
  const stored = await store.page(partition, after, limit);
  return {
    entries: stored.flatMap((entry) => readEntry(partition, entry, onUnreadable) ?? []),
    last: stored.at(-1)?.seq ?? after,
    size: stored.length,
    first: stored[0]?.seq,
  };
}

/** What a store keeps or tells, as an event at its place; `undefined` when it is none. */
export function readEntry(
  partition: string,
  { seq, text }: StoredEntry,
  onUnreadable: (error: UnreadableEvent) => void = () => {},
): LoggedEvent | undefined {
  try {
    return { position: { partition, seq }, event: parseEvent(text) };
  } catch (error: unknown) {
    onUnreadable(new UnreadableEvent(partition, seq, error));
    return undefined;
  }
}

/**
 * Makes sure that a page, which begins with what the store holds, begins with what was asked for.
 *
 * @throws {CursorTooOld}
 */
export function assertNext(partition: string, after: number, { first = after + 1 }: Page): void {
  if (first > after + 1) throw new CursorTooOld(partition, after, first);
}
