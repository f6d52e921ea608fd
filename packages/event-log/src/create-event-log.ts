import { appendAll } from './append-all.ts';
import { EventLogStopped, type UnreadableEvent } from './event-log-errors.ts';
import type { AppendOutcome, EventLog } from './event-log.ts';
import type { FollowOptions } from './follower.ts';
import { allBounds, type LogStore, type PartitionBounds } from './log-store.ts';
import type { LogCursor } from './position.ts';
import { readRange } from './read-range.ts';
import { startTail, type RunningTail } from './start-tail.ts';

/** What all event logs can be told. */
export interface EventLogOptions {
  /**
   * Is told of a store that cannot be reached; it is asked again. And once by an {@link UnreadableEvent} of what is no
   * event, and is left out. @default nobody is told
   */
  readonly onError?: (error: unknown) => void;
  /** How often a tail looks at a store that said nothing, should its notices get lost. @default 2000 */
  readonly checkMs?: number;
  /** How long to wait after a store could not be reached. @default 250 */
  readonly retryMs?: number;
  /** About how many events wait in memory for the reader of a tail; the others wait in the store. @default 2000 */
  readonly maxWaiting?: number;
}

/** Makes an event log of what a store can do. The log stops the store. */
export function createEventLog(store: LogStore, options: EventLogOptions = {}): EventLog {
  const { onError = () => {}, checkMs = 2000, retryMs = 250, maxWaiting = 2000 } = options;
  const onUnreadable = tellOnce(onError);
  const follow: FollowOptions = { onError, onUnreadable, checkMs, retryMs, maxWaiting };
  const stopping = new AbortController();
  const endsWith = (signal?: AbortSignal): AbortSignal =>
    signal ? AbortSignal.any([signal, stopping.signal]) : stopping.signal;
  const tails = new Set<RunningTail>();

  return {
    append: async (position, event, appendOptions) => {
      stopping.signal.throwIfAborted();
      const [outcome] = await appendAll(store, [{ position, event }], appendOptions);
      return outcome as AppendOutcome;
    },
    appendAll: async (entries, appendOptions) => {
      stopping.signal.throwIfAborted();
      return appendAll(store, entries, appendOptions);
    },
    ends: async (partitions) => {
      stopping.signal.throwIfAborted();
      return endsOf(await allBounds(store, partitions));
    },
    head: async () => {
      stopping.signal.throwIfAborted();
      return endsOf(await allBounds(store));
    },
    tail: ({ after, signal }) => {
      const running = startTail(store, follow, {
        ...(after && { after }),
        signal: endsWith(signal),
      });
      tails.add(running);
      void running.ended.then(() => tails.delete(running));
      return running;
    },
    read: ({ after, until, signal }) => readRange(store, { after, until }, follow, endsWith(signal)),
    stop: async () => {
      stopping.abort(new EventLogStopped());
      // Together, since a tail may be waiting for a store that cannot be reached.
      await Promise.all([store.stop(), ...[...tails].map(({ ended }) => ended)]);
    },
  };
}

// More than a log that is in order ever has; those that are forgotten are told of again.
const maxTold = 1000;

/** The same place is read by many, and again and again. */
function tellOnce(tell: (error: UnreadableEvent) => void): (error: UnreadableEvent) => void {
  const told = new Set<string>();
  return (error) => {
    const place = `${error.partition}:${error.seq}`;
    if (told.has(place)) return;
    if (told.size >= maxTold) told.clear();
    told.add(place);
    tell(error);
  };
}

const endsOf = (bounds: ReadonlyMap<string, PartitionBounds>): LogCursor =>
  new Map([...bounds].map(([partition, { last }]) => [partition, last]));
