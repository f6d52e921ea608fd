import { CursorTooOld, encodeCursor, type LogCursor, type LoggedEvent } from '@tributary/event-log';

import { ResumeTooOld } from '../errors/gateway-errors.ts';
import type { EventFeed } from './event-feed.ts';
import { writeResult } from './shared-result.ts';
import type { Subscriber } from './subscriber.ts';

/**
 * Delivers what a subscriber has missed since a cursor, and lets it go on with the others: each event once, and none left
 * out. What comes meanwhile is kept; when it is too much to keep, it has become a part of the past and is read again.
 *
 * @throws {ResumeTooOld} when the log no longer holds it
 */
export async function catchUp(
  subscriber: Subscriber,
  after: LogCursor,
  { feed, signal }: { readonly feed: EventFeed; readonly signal: AbortSignal },
): Promise<void> {
  subscriber.hold();
  await untilReached(after, { feed, signal });
  for (let from = after; subscriber.isOpen;) {
    const until = feed.position();
    // In one breath: up to here it is the past, from here on it is kept.
    subscriber.since = feed.index;
    subscriber.hold();
    await replay(subscriber, { from, until }, { feed, signal });
    if (subscriber.release()) return;
    from = until;
  }
}

// Whoever appends looks once a second whether the log has lost something, and sends what it keeps in some seconds.
const longestRefillMs = 30_000;

/**
 * Until a log that has lost its data has it again as far as the subscriber has come, what is new to us is what it has got
 * already. A log that never comes as far is another one.
 */
async function untilReached(
  after: LogCursor,
  { feed, signal }: { readonly feed: EventFeed; readonly signal: AbortSignal },
): Promise<void> {
  const late = AbortSignal.timeout(longestRefillMs);
  try {
    await feed.reached(after, AbortSignal.any([signal, late]));
  } catch (error: unknown) {
    throw late.aborted && !signal.aborted ? new ResumeTooOld().with({ cause: error }) : error;
  }
}

async function replay(
  subscriber: Subscriber,
  { from, until }: { readonly from: LogCursor; readonly until: LogCursor },
  { feed, signal }: { readonly feed: EventFeed; readonly signal: AbortSignal },
): Promise<void> {
  const progress = new Map(from);
  try {
    for await (const batch of feed.read({ after: from, until, signal })) {
      for (const logged of batch) {
        progress.set(logged.position.partition, logged.position.seq);
        if (!subscriber.isOpen) return;
        if (subscriber.group?.program.isMeant(logged.event)) await deliverPast(subscriber, logged, progress);
      }
    }
  } catch (error: unknown) {
    throw error instanceof CursorTooOld ? new ResumeTooOld().with({ cause: error }) : error;
  }
}

async function deliverPast(
  subscriber: Subscriber,
  { position: { partition, seq }, event }: LoggedEvent,
  progress: LogCursor,
): Promise<void> {
  const { group } = subscriber;
  // Whoever reads slowly is read for slowly.
  await subscriber.writable();
  if (!group || group.host.endInvalid(subscriber, event)) return;
  const answer = await group.answerPast({ event, place: `${partition}:${seq}` }, subscriber.principal);
  if (typeof answer === 'string') group.settle(answer, [subscriber], { event });
  else {
    subscriber.deliverPast(writeResult(answer, encodeCursor(progress)));
    group.host.onDelivered(1);
  }
}
