import { stringifyEvent } from './check-event.ts';
import { EventLogGap } from './event-log-errors.ts';
import type { AppendOptions, AppendOutcome } from './event-log.ts';
import type { LogStore, StoredEntry } from './log-store.ts';
import { assertPosition } from './partition.ts';
import type { LoggedEvent } from './position.ts';

/** Entries that a store takes in one step: at most 700 KB, so that nobody else waits long for it. */
const chunkSize = 100;

interface PlacedEntry extends StoredEntry {
  /** Where its outcome belongs. */
  readonly index: number;
}

/** Appends to several partitions at once, and to each of them in order. */
export async function appendAll(
  store: LogStore,
  entries: readonly LoggedEvent[],
  { restart = false }: AppendOptions = {},
): Promise<readonly AppendOutcome[]> {
  const outcomes: AppendOutcome[] = [];
  const appends = [...byPartition(entries)].map(async ([partition, placed]) => {
    for (let start = 0; start < placed.length; start += chunkSize) {
      const chunk = placed.slice(start, start + chunkSize);
      await appendChunk(store, partition, chunk, { restart: restart && start === 0 }, outcomes);
    }
  });
  // All of them come to their end before the first failure is told: nothing is under way any more.
  const failure = (await Promise.allSettled(appends)).find(({ status }) => status === 'rejected');
  if (failure?.status === 'rejected') throw failure.reason;
  return outcomes;
}

/** Every entry is checked before any is appended. */
function byPartition(entries: readonly LoggedEvent[]): ReadonlyMap<string, readonly PlacedEntry[]> {
  const partitions = new Map<string, PlacedEntry[]>();
  for (const [index, { position, event }] of entries.entries()) {
    assertPosition(position);
    const placed = partitions.get(position.partition) ?? [];
    partitions.set(position.partition, placed);
    placed.push({ seq: position.seq, text: stringifyEvent(event), index });
  }
  return partitions;
}

async function appendChunk(
  store: LogStore,
  partition: string,
  chunk: readonly PlacedEntry[],
  options: { readonly restart: boolean },
  outcomes: AppendOutcome[],
): Promise<void> {
  const { before, after } = await store.append(partition, chunk, options);
  for (const { seq, index } of chunk) {
    if (seq > after) throw new EventLogGap(partition, after + 1, seq);
    outcomes[index] = seq > before ? 'appended' : 'known';
  }
}
