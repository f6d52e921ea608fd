import { setTimeout as delay } from 'node:timers/promises';

import { assertNext, pageSize, type FollowOptions } from './follower.ts';
import type { LogStore } from './log-store.ts';
import type { LogCursor, LoggedEvent } from './position.ts';

/**
 * Reads what lies between two cursors, in pages. A store that cannot be reached, and one that has not got all of it
 * yet, is asked again.
 *
 * @throws {CursorTooOld}
 * @throws the signal's reason, when it aborts: an end would look as if everything had been read
 */
export async function* readRange(
  store: LogStore,
  { after, until }: { readonly after: LogCursor; readonly until: LogCursor },
  { retryMs, onError }: Pick<FollowOptions, 'retryMs' | 'onError'>,
  signal: AbortSignal,
): AsyncGenerator<readonly LoggedEvent[]> {
  const positions = new Map<string, number>();
  for (const [partition, last] of until) {
    const position = after.get(partition) ?? 0;
    if (last > position) positions.set(partition, position);
  }
  while (positions.size > 0) {
    signal.throwIfAborted();
    const batch = takePages(positions, until, await readPages());
    if (batch.length > 0) yield batch;
    else await delay(retryMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }

  async function readPages(): Promise<ReadonlyMap<string, readonly LoggedEvent[]>> {
    try {
      return await store.page(positions, pageSize);
    } catch (error: unknown) {
      signal.throwIfAborted();
      onError(error);
      return new Map();
    }
  }
}

/** What of the pages is still asked for; moves the positions on, and forgets those that are there. */
function takePages(
  positions: Map<string, number>,
  until: LogCursor,
  pages: ReadonlyMap<string, readonly LoggedEvent[]>,
): readonly LoggedEvent[] {
  const batch: LoggedEvent[] = [];
  for (const [partition, page] of pages) {
    assertNext(partition, positions.get(partition) ?? 0, page);
    const last = until.get(partition) ?? 0;
    const wanted = page.filter(({ position }) => position.seq <= last);
    batch.push(...wanted);
    const reached = wanted.at(-1)?.position.seq ?? 0;
    if (reached === last) positions.delete(partition);
    else if (reached > 0) positions.set(partition, reached);
  }
  return batch;
}
