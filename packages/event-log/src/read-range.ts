import { setTimeout as delay } from 'node:timers/promises';

import { CursorTooOld } from './event-log-errors.ts';
import type { FollowOptions } from './follower.ts';
import type { LogStore } from './log-store.ts';
import type { LogCursor, LoggedEvent } from './position.ts';
import { assertNext, pageSize, readPage, type Page } from './read-page.ts';

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
  { retryMs, onError, onUnreadable }: Pick<FollowOptions, 'retryMs' | 'onError' | 'onUnreadable'>,
  signal: AbortSignal,
): AsyncGenerator<readonly LoggedEvent[]> {
  const positions = new Map([...until.keys()].map((partition) => [partition, after.get(partition) ?? 0]));
  for (;;) {
    const unfinished = [...positions].filter(([partition, seq]) => seq < (until.get(partition) ?? 0));
    if (unfinished.length === 0) return;
    const pages = await Promise.all(unfinished.map(([partition, seq]) => read(partition, seq)));
    const batch = pages.flatMap((page) => page?.entries ?? []);
    for (const [index, [partition]] of unfinished.entries()) {
      const page = pages[index];
      if (page) positions.set(partition, page.last);
    }
    if (batch.length > 0) yield batch;
    else if (pages.every((page) => !page?.size)) {
      await delay(retryMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  async function read(partition: string, seq: number): Promise<Page | undefined> {
    signal.throwIfAborted();
    // Nothing beyond the end is read: of a page that grows, its reader asks for the newest few.
    const limit = Math.min(pageSize, (until.get(partition) ?? 0) - seq);
    try {
      const page = await readPage(store, { partition, after: seq, limit }, onUnreadable);
      assertNext(partition, seq, page);
      return page;
    } catch (error: unknown) {
      if (error instanceof CursorTooOld) throw error;
      signal.throwIfAborted();
      onError(error);
      return undefined;
    }
  }
}
