import { CursorTooOld, type Event, type LogCursor } from '@tributary/event-log';

import { ResumeTooOld } from '../errors/gateway-errors.ts';
import type { GroupAnswer } from './groups/answer-event.ts';
import type { Principal } from '../identity/principal.ts';
import { cursorText } from './feed/cursor-text.ts';
import type { EventFeed } from './feed/event-feed.ts';
import type { Group } from './groups/group.ts';
import type { PastReader } from './feed/past-pages.ts';
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

export interface CatchUpOptions extends PastReader {
  readonly feed: EventFeed;
}

// Resolved ahead of what is delivered: one after the other, a long absence would take long to make good.
const maxAhead = 16;

/**
 * Delivers what a subscriber has missed since a cursor, and lets it go on with the others: each event once, and none left
 * out. What comes meanwhile is kept; when it is too much to keep, it has become a part of the past and is read again.
 *
 * @throws {ResumeTooOld} when the log no longer holds it
 * @throws {RateLimited} when too many wait until the log has come as far
 */
export async function catchUp(
  subscriber: Subscriber,
  after: LogCursor,
  options: CatchUpOptions,
): Promise<void> {
  const { feed } = options;
  // Nothing is resolved for it alone until then.
  subscriber.since = Infinity;
  subscriber.hold();
  await untilReached(after, options);
  for (let from = after; subscriber.isOpen;) {
    const until = feed.position();
    // In one breath: up to here it is the past, from here on it is kept.
    subscriber.since = feed.index;
    subscriber.hold();
    await replay(subscriber, readPast(subscriber, { from, until }, options));
    if (subscriber.release()) return;
    from = until;
  }
}

/** The events that are meant for a subscriber, each being resolved already. */
async function* readPast(
  subscriber: Subscriber,
  { from, until }: { readonly from: LogCursor; readonly until: LogCursor },
  { feed: { past }, ...reader }: CatchUpOptions,
): AsyncGenerator<PastEvent> {
  const progress = new Map(from);
  let program = subscriber.group?.program;
  const isMeant = (event: Event) => (program = subscriber.group?.program)?.isMeant(event) ?? false;
  while (true) {
    program = subscriber.group?.program;
    const piece = await past.next({ after: progress, until, isMeant }, reader).catch(tellTooOld);
    if (!piece) return;
    for (const { position, event } of piece.meant) {
      const { group, principal } = subscriber;
      if (!group || group.program !== program) break;
      progress.set(position.partition, position.seq);
      const place = `${position.partition}:${position.seq}`;
      const answer = group.answerPast({ event, place }, principal);
      yield { event, place, cursor: cursorText(progress), group, principal, answer };
    }
    // With another token or supergraph, other events may be meant: what is left of the piece is looked through again.
    if (subscriber.group?.program !== program) continue;
    for (const [partition, seq] of piece.reached) progress.set(partition, seq);
  }
}

function tellTooOld(error: unknown): never {
  throw error instanceof CursorTooOld ? new ResumeTooOld().with({ cause: error }) : error;
}

// Whoever appends looks once a second whether the log has lost something, and sends what it keeps in some seconds.
const longestRefillMs = 30_000;

/**
 * Until a log that has lost its data has it again as far as the subscriber has come, what is new to us is what it has got
 * already. A log that never comes as far is another one.
 */
async function untilReached(after: LogCursor, { feed, who, signal }: CatchUpOptions): Promise<void> {
  if (feed.hasReached(after)) return;
  const late = AbortSignal.timeout(longestRefillMs);
  try {
    await feed.reached(after, { who, signal: AbortSignal.any([signal, late]) });
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
  group.noteDelivered(1);
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
