import type { LoggedEvent } from './position.ts';

/** What a partition holds: `first` to `last`, without holes. Both are 0 while nothing was ever appended. */
export interface PartitionBounds {
  readonly first: number;
  readonly last: number;
}

/** An event as it is kept. */
export interface StoredEntry {
  readonly seq: number;
  /** The event as JSON. */
  readonly text: string;
}

/** Where a partition ended before and after an append; what lies between was appended. */
export interface AppendedRange {
  readonly before: number;
  readonly after: number;
}

/** Is told what was appended. */
export interface StoreListener {
  /** Up to `seq`. Some stores bring the event with the notice, others only the place. */
  appended(partition: string, seq: number, entry?: LoggedEvent): void;
  /** Notices may have been missed, or partitions have appeared: look. */
  missed(): void;
}

/**
 * What a driver knows how to do; the rest of an event log is the same for all of them. Whatever rejects because the
 * store cannot be reached is asked again by the log's tails, and by whoever appends.
 */
export interface LogStore {
  /**
   * Appends to one partition in one step, each entry if its seq comes next; stops at the first that does not, and
   * takes no notice of those that are there. With `restart`, a partition that ends before the first entry is emptied
   * and begins with it.
   */
  append(
    partition: string,
    entries: readonly StoredEntry[],
    options: { readonly restart: boolean },
  ): Promise<AppendedRange>;
  /** All that there are. */
  partitions(): Promise<readonly string[]>;
  bounds(partition: string): Promise<PartitionBounds>;
  /** The first `limit` that the partition holds after a seq, in order. */
  page(partition: string, after: number, limit: number): Promise<readonly StoredEntry[]>;
  /** Resolves, with how to stop it, once everything that is appended from now on is told. */
  listen(listener: StoreListener): Promise<() => Promise<void>>;
  /** Closes every connection; what is under way rejects. */
  stop(): Promise<void>;
}

/** The bounds of all partitions, of which none may fail: what is left out would look empty. */
export async function allBounds(
  store: LogStore,
  partitions?: readonly string[],
): Promise<ReadonlyMap<string, PartitionBounds>> {
  const names = partitions ?? (await store.partitions());
  return new Map(await Promise.all(names.map(async (name) => [name, await store.bounds(name)] as const)));
}
