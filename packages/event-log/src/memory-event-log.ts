import { createEventLog, type EventLogOptions } from './create-event-log.ts';
import { defaultRetention, type EventLog, type Retention } from './event-log.ts';
import type { AppendedRange, LogStore, PartitionBounds, StoredEntry, StoreListener } from './log-store.ts';
import { readEntry } from './read-page.ts';

interface TimedEntry extends StoredEntry {
  readonly appendedAt: number;
}

interface MemoryPartition {
  last: number;
  entries: TimedEntry[];
}

/** What is shared by the logs of one process that are to be one log. */
export class EventMemory {
  readonly partitions = new Map<string, MemoryPartition>();
  readonly listeners = new Set<StoreListener>();
}

export interface MemoryEventLogOptions extends EventLogOptions {
  /** @default one of its own */
  readonly memory?: EventMemory;
  readonly retention?: Retention;
}

/**
 * A log within this process, which is gone with it: for tests, and to try things out.
 *
 * @example
 * const log = createMemoryEventLog();
 * await log.append({ partition: 'posts.0', seq: 1 }, event); // "appended"
 */
export const createMemoryEventLog = (options: MemoryEventLogOptions = {}): EventLog =>
  createEventLog(createMemoryStore(options), options);

/** The store of {@link createMemoryEventLog}. */
export function createMemoryStore({
  memory = new EventMemory(),
  retention,
}: MemoryEventLogOptions = {}): LogStore {
  const { partitions, listeners } = memory;
  const kept = { ...defaultRetention, ...retention };
  const own = new Set<StoreListener>();

  return {
    append: async (partition, entries, { restart }) => {
      const held = partitions.get(partition) ?? { last: 0, entries: [] };
      partitions.set(partition, held);
      const appended = appendEntries(held, entries, restart);
      trim(held, kept);
      for (const entry of entriesBetween(held, appended.before, appended.after)) {
        // Read from the text for each, as from any other store: nobody can change what another one gets.
        for (const listener of listeners)
          listener.appended(partition, entry.seq, readEntry(partition, entry));
      }
      return appended;
    },
    partitions: async () => [...partitions.keys()],
    bounds: async (partition) => boundsOf(partitions.get(partition)),
    page: async (partition, after, limit) =>
      entriesBetween(partitions.get(partition), after, Infinity, limit),
    listen: async (listener) => {
      const forward: StoreListener = {
        appended: (partition, seq, entry) => listener.appended(partition, seq, entry),
        missed: () => listener.missed(),
      };
      listeners.add(forward);
      own.add(forward);
      return async () => void (listeners.delete(forward), own.delete(forward));
    },
    stop: async () => {
      for (const listener of own) listeners.delete(listener);
      own.clear();
    },
  };
}

function appendEntries(
  held: MemoryPartition,
  entries: readonly StoredEntry[],
  restart: boolean,
): AppendedRange {
  const first = entries[0]?.seq ?? 0;
  if (restart && first > held.last + 1) Object.assign(held, { last: first - 1, entries: [] });
  const before = held.last;
  for (const { seq, text } of entries) {
    if (seq > held.last + 1) break;
    if (seq <= held.last) continue;
    held.entries.push({ seq, text, appendedAt: Date.now() });
    held.last = seq;
  }
  return { before, after: held.last };
}

function trim(held: MemoryPartition, { maxEvents, maxAgeMs }: Required<Retention>): void {
  const oldest = Date.now() - maxAgeMs;
  const kept = held.entries.findIndex(
    ({ seq, appendedAt }) => seq === held.last || (seq > held.last - maxEvents && appendedAt >= oldest),
  );
  held.entries.splice(0, kept);
}

const boundsOf = (held: MemoryPartition | undefined): PartitionBounds => ({
  first: held?.entries[0]?.seq ?? 0,
  last: held?.last ?? 0,
});

function entriesBetween(
  held: MemoryPartition | undefined,
  after: number,
  until: number,
  limit = Infinity,
): readonly StoredEntry[] {
  const { first } = boundsOf(held);
  const start = Math.max(0, after - first + 1);
  const end = Math.min(until - first + 1, start + limit);
  return (held?.entries ?? []).slice(start, Math.max(start, end));
}
