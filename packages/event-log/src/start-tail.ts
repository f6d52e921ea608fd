import { setTimeout as delay } from 'node:timers/promises';

import { CursorTooOld } from './event-log-errors.ts';
import type { Tail, TailOptions } from './event-log.ts';
import { Follower, type FollowOptions } from './follower.ts';
import type { LogStore } from './log-store.ts';
import type { LogCursor, LoggedEvent } from './position.ts';

/** A tail with its end. */
export interface RunningTail extends Tail {
  /** Resolves when nothing of it is left. */
  readonly ended: Promise<void>;
}

/** Follows a store until the signal aborts, the reader leaves, or the log no longer holds what comes next. */
export function startTail(
  store: LogStore,
  options: FollowOptions,
  { after, signal }: TailOptions,
): RunningTail {
  const follower = new Follower(store, options);
  const leaving = new AbortController();
  const left = AbortSignal.any([signal, leaving.signal]);
  const start = startFollowing(store, follower, options, after, left);

  const ready = start.position.catch((error: unknown) => {
    // An aborted tail ends, one that cannot start fails.
    follower.end(left.aborted ? {} : { error });
    leaving.abort(error);
    throw error;
  });
  // Whoever reads the events hears of it too, so nobody has to wait for `ready`.
  const settled = ready.then(
    () => undefined,
    () => undefined,
  );
  const end = async (): Promise<void> => {
    await whenAborted(left);
    follower.end();
    await settled;
    await start.stopListening().catch(options.onError);
  };
  return { ready, events: readEvents(follower, leaving), ended: end() };
}

/** Listens before it looks where the log ends, so that nothing falls between the two. */
function startFollowing(
  store: LogStore,
  follower: Follower,
  { retryMs, onError }: FollowOptions,
  after: LogCursor | undefined,
  signal: AbortSignal,
): { readonly position: Promise<LogCursor>; readonly stopListening: () => Promise<void> } {
  let stopListening: (() => Promise<void>) | undefined;

  async function start(): Promise<LogCursor> {
    for (;;) {
      signal.throwIfAborted();
      try {
        stopListening ??= await store.listen(follower);
        return await follower.start(after);
      } catch (error: unknown) {
        signal.throwIfAborted();
        if (error instanceof CursorTooOld) throw error;
        onError(error);
        await delay(retryMs, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
    }
  }

  return { position: start(), stopListening: async () => stopListening?.() };
}

async function* readEvents(
  follower: Follower,
  leaving: AbortController,
): AsyncGenerator<readonly LoggedEvent[]> {
  try {
    for (let batch = await follower.nextBatch(); batch; batch = await follower.nextBatch()) yield batch;
  } finally {
    leaving.abort();
  }
}

const whenAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
