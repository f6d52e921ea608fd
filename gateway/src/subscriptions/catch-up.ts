import { CursorTooOld, type Event, type LogCursor } from '@tributary/event-log';

import { ResumeTooOld } from '../errors/gateway-errors.ts';
import type { GroupAnswer } from './answer-event.ts';
import type { Principal } from '../identity/principal.ts';
import { cursorText } from './cursor-text.ts';
import type { EventFeed } from './event-feed.ts';
import type { Group } from './group.ts';
import { writeResult } from './shared-result.ts';
import type { Subscriber } from './subscriber.ts';

/** An event of the past on its way to a subscriber. */
interface PastEvent {
  readonly event: Event;
  /** Tells it from every other event of the log. */
  readonly place: string;
  /** Where the log goes on after it, for who has come here from its cursor. */
  readonly cursor: string | undefined;
  /** As a member of what it is answered, and as whom. */
  readonly group: Group;
  readonly principal: Principal;
  readonly answer: Promise<GroupAnswer>;
}

// Resolved ahead of what is delivered: one after the other, a long absence would take long to make good.
const maxAhead = 16;

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
  // Nothing is resolved for it alone until then.
  subscriber.since = Infinity;
  await untilReached(after, { feed, signal });
  for (let from = after; subscriber.isOpen;) {
    const until = feed.position();
    // In one breath: up to here it is the past, from here on it is kept.
    subscriber.since = feed.index;
    subscriber.hold();
    await replay(subscriber, readPast(subscriber, { from, until }, { feed, signal }));
    if (subscriber.release()) return;
    from = until;
  }
}

/** The events that are meant for a subscriber, each being resolved already. */
async function* readPast(
  subscriber: Subscriber,
  { from, until }: { readonly from: LogCursor; readonly until: LogCursor },
  { feed, signal }: { readonly feed: EventFeed; readonly signal: AbortSignal },
): AsyncGenerator<PastEvent> {
  const progress = new Map(from);
  try {
    for await (const batch of feed.read({ after: from, until, signal })) {
      for (const { position, event } of batch) {
        const { partition, seq } = position;
        progress.set(partition, seq);
        const { group, principal } = subscriber;
        if (!group?.program.isMeant(event)) continue;
        const place = `${partition}:${seq}`;
        const answer = group.answerPast({ event, place }, principal);
        yield { event, place, cursor: cursorText(progress), group, principal, answer };
      }
    }
  } catch (error: unknown) {
    throw error instanceof CursorTooOld ? new ResumeTooOld().with({ cause: error }) : error;
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
  if (feed.hasReached(after)) return;
  const late = AbortSignal.timeout(longestRefillMs);
  try {
    await feed.reached(after, AbortSignal.any([signal, late]));
  } catch (error: unknown) {
    throw late.aborted && !signal.aborted ? new ResumeTooOld().with({ cause: error }) : error;
  }
}

async function replay(subscriber: Subscriber, past: AsyncIterable<PastEvent>): Promise<void> {
  const ahead: PastEvent[] = [];
  for await (const event of past) {
    ahead.push(event);
    if (ahead.length >= maxAhead) await deliver(subscriber, ahead.shift());
    if (!subscriber.isOpen) return;
  }
  while (ahead.length > 0 && subscriber.isOpen) await deliver(subscriber, ahead.shift());
}

async function deliver(subscriber: Subscriber, past: PastEvent | undefined): Promise<void> {
  if (!past) return;
  const { event, cursor } = past;
  // Whoever reads slowly is read for slowly.
  await subscriber.writable();
  const answer = await answerOf(past, subscriber);
  const { group } = subscriber;
  if (!group || group.host.endInvalid(subscriber, event)) return;
  if (typeof answer === 'string') {
    group.settle(answer, [subscriber], { event });
    return;
  }
  subscriber.deliverPast(writeResult(answer, cursor));
  group.host.onDelivered(1);
}

/** Asks again for whoever has got another token, or another supergraph, since its event was read. */
async function answerOf(past: PastEvent, subscriber: Subscriber): Promise<GroupAnswer> {
  let { group, principal } = past;
  let answer = await past.answer;
  while (group !== subscriber.group || principal !== subscriber.principal) {
    if (!subscriber.group || !subscriber.isOpen) return 'foreign';
    ({ group, principal } = { group: subscriber.group, principal: subscriber.principal });
    answer = await group.answerPast(past, principal);
    if (!group.program.isMeant(past.event)) answer = 'foreign';
  }
  return answer;
}
