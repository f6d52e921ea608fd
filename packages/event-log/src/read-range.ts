import { setTimeout as delay } from 'node:timers/promises';

import { CursorTooOld } from './event-log-errors.ts';
import { assertNext, pageSize } from './followed-partition.ts';
import type { FollowOptions } from './follower.ts';
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
  const positions = new Map([...until.keys()].map((partition) => [partition, after.get(partition) ?? 0]));
  for (;;) {
    const unfinished = [...positions].filter(([partition, seq]) => seq < (until.get(partition) ?? 0));
    if (unfinished.length === 0) return;
    const pages = await Promise.all(unfinished.map(([partition, seq]) => readPage(partition, seq)));
    const batch = pages.flat();
    for (const { position } of batch) positions.set(position.partition, position.seq);
    if (batch.length > 0) yield batch;
    else await delay(retryMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }

  async function readPage(partition: string, seq: number): Promise<readonly LoggedEvent[]> {
    signal.throwIfAborted();
    try {
      const page = await store.page(partition, seq, pageSize);
      assertNext(partition, seq, page);
      return page.filter(({ position }) => position.seq <= (until.get(partition) ?? 0));
    } catch (error: unknown) {
      if (error instanceof CursorTooOld) throw error;
      signal.throwIfAborted();
      onError(error);
      return [];
    }
  }
}
