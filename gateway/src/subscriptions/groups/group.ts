import { LRUCache } from 'lru-cache';

import { identityProjection } from '../../authorization/identity-projection.ts';
import { Forbidden, ServiceUnavailable } from '../../errors/gateway-errors.ts';
import type { Principal } from '../../identity/principal.ts';
import type { SubgraphAnswer } from '../../subgraph-client/subgraph-client.ts';
import { answerEvent, answerResult, type EventToAnswer, type GroupAnswer } from './answer-event.ts';
import type { FedEvent, FeedFollower } from '../feed/event-feed.ts';
import { followsEntityOf } from './followed-entity.ts';
import type { GroupHost } from './group-host.ts';
import { OrderedWork, type Work } from './ordered-work.ts';
import type { PreparedSubscription } from '../prepared-subscription.ts';
import { writeResult } from '../shared-result.ts';
import type { SharedResult } from '../subscriber-sink.ts';
import type { Subscriber } from '../subscriber.ts';

/** What some subscribers get of an event. */
interface Portion {
  readonly answer: GroupAnswer;
  readonly result: SharedResult | undefined;
  /** @default all who were there when it came */
  readonly to: readonly Subscriber[] | undefined;
}

/** Turns an event into results; a result that a subgraph published by itself comes without one. */
interface GroupWork extends Work<readonly Portion[]> {
  readonly fed: FedEvent | undefined;
}

/** An event that somebody has not got yet, and how many before it nobody will. */
export interface PendingEvent {
  readonly fed: FedEvent;
  readonly missed: number;
}

export interface GroupOptions {
  /** Keeps what comes until it is told to {@link Group.start}. @default false */
  readonly waits?: boolean;
}

const limits = {
  // Enough to keep subgraphs busy, few enough that one subscription does not take all connections.
  maxConcurrent: 16,
  // Events that come faster than subgraphs answer wait for their turn: as many as a log brings that was away for minutes.
  maxPending: 10_000,
};

// Clients that lost their connection at one moment resume at one moment.
const replayTtlMs = 1000;
const maxReplays = 500;

/**
 * Everybody who has subscribed to the same and may be answered alike. Each event is resolved once and written once,
 * however many they are. Several events are resolved at a time, and delivered in the order in which they came.
 */
export class Group implements FeedFollower {
  readonly host: GroupHost;
  /** Milliseconds since 1970. */
  readonly since = Date.now();
  /** Results that were left out for members who read slowly. */
  dropped = 0;
  #delivered = 0;
  readonly #first: Principal;
  readonly #members = new Set<Subscriber>();
  readonly #controller = new AbortController();
  readonly #work: OrderedWork<readonly Portion[], GroupWork>;
  /** Resolves when it no longer waits. */
  #starting: PromiseWithResolvers<void> | undefined;
  #program: PreparedSubscription;
  #unfollow: () => void;
  #replays: LRUCache<string, Promise<GroupAnswer>> | undefined;
  #isClosed = false;

  /** @param first its first member, who is about to come */
  constructor(
    program: PreparedSubscription,
    host: GroupHost,
    first: Principal,
    { waits = false }: GroupOptions = {},
  ) {
    this.host = host;
    this.#first = first;
    this.#program = program;
    this.#work = new OrderedWork(limits, !waits);
    if (waits) this.#starting = Promise.withResolvers();
    // What a subgraph publishes by itself is not for one that may be about to ask it for something else.
    this.#unfollow = waits && !program.channels ? () => {} : this.#follow(program);
  }

  get program(): PreparedSubscription {
    return this.#program;
  }

  get scope(): PreparedSubscription['scope'] {
    return this.#program.scope;
  }

  get members(): ReadonlySet<Subscriber> {
    return this.#members;
  }

  /** Results that were given to members. */
  get delivered(): number {
    return this.#delivered;
  }

  noteDelivered(count: number): void {
    this.#delivered += count;
    this.host.onDelivered(count);
  }

  /** Whether nothing is on its way to its members. */
  get isIdle(): boolean {
    return this.#work.pending.length === 0;
  }

  get isWaiting(): boolean {
    return this.#starting !== undefined;
  }

  /** Whether its members get something, or have it on its way, that depends on what each of them may see. */
  get tellsCallersApart(): boolean {
    const { isBound, hasRequirements } = this.#program;
    return isBound || hasRequirements || this.#work.pending.some(({ work }) => work.fed?.event.audience);
  }

  /** Whom subgraphs are told of, of those who are there now. */
  get representative(): Principal {
    return this.#representativeOf(this.#members) ?? this.#first;
  }

  /** Nobody joins one that is closed. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Takes somebody in, for the events after the last that it has got. */
  add(subscriber: Subscriber): void {
    subscriber.group = this;
    this.#members.add(subscriber);
  }

  /** Lets go of somebody who has left. */
  remove(subscriber: Subscriber): void {
    this.#members.delete(subscriber);
    this.#closeWhenEmpty();
  }

  /**
   * Lets members go on elsewhere, who get nothing more from here: it was made for what they could see before.
   *
   * @returns the events that are on their way to them
   */
  handOver(members: readonly Subscriber[]): readonly PendingEvent[] {
    const pending: PendingEvent[] = [];
    for (const { work, missed } of this.#work.pending) {
      const waiting = members.filter(({ since }) => since < work.index);
      // Nobody can ask a subgraph again for what it published by itself.
      if (!work.fed) for (const member of waiting) member.miss(missed + 1);
      else if (waiting.length > 0) pending.push({ fed: work.fed, missed });
    }
    for (const member of members) this.#members.delete(member);
    this.#closeWhenEmpty();
    return pending;
  }

  /** Takes over members of another group, with what they have not got there. */
  takeOver(members: readonly Subscriber[], pending: readonly PendingEvent[]): void {
    for (const member of members) this.add(member);
    for (const { fed, missed } of pending) this.#pushEvent(fed, { missed, isSure: false });
  }

  /** Goes on with what was kept, by that program. */
  start(program: PreparedSubscription): void {
    this.adopt(program);
    this.#starting?.resolve();
    this.#starting = undefined;
    this.#work.start();
  }

  /** Goes on with another program, from the next event on. */
  adopt(program: PreparedSubscription): void {
    const old = this.#program;
    if (this.#isClosed) {
      program.release();
      return;
    }
    // What a subgraph publishes by itself goes on where the same is asked of it.
    if (!isSameSource(program, old)) {
      const unfollow = this.#follow(program);
      this.#unfollow();
      this.#unfollow = unfollow;
    }
    this.#program = program;
    this.#replays = undefined;
    old.release();
  }

  onEvent(fed: FedEvent): void {
    this.#pushEvent(fed, { missed: 0, isSure: !this.isWaiting });
  }

  /** Takes a result that a subgraph has published by itself. */
  onResult(result: SubgraphAnswer): void {
    const index = this.host.feed.tick();
    this.#work.push({
      fed: undefined,
      index,
      run: async () => {
        const caller = { principal: this.representative, host: this.host };
        const answer = await answerResult(result, this.#program, {
          ...caller,
          signal: this.#controller.signal,
        });
        return [toPortion(answer, undefined)];
      },
      deliver: ([portion], missed) => {
        if (portion) this.#deliver(portion, { index, missed });
      },
    });
  }

  /** The subgraph that publishes by itself has nothing more to say, or cannot say it; after what it has said. */
  onEnd(error?: unknown): void {
    this.#work.push({
      fed: undefined,
      index: this.host.feed.tick(),
      run: async () => [],
      deliver: () => {
        if (error !== undefined) this.fail(error);
        else for (const member of this.members) member.end();
      },
    });
  }

  onLoss(): void {
    this.fail(new ServiceUnavailable('Events may have been lost: subscribe again, with the last cursor'));
  }

  /** Ends all subscriptions. */
  fail(error: unknown): void {
    const errors = this.host.format(error);
    for (const member of this.members) member.fail(errors);
  }

  /**
   * Tells members where the log is by now, as they would be by their next event; those to whom something is on its way
   * learn it from that.
   */
  tellPlace(place: SharedResult): void {
    if (this.isWaiting || !this.isIdle) return;
    for (const member of this.#members) member.tellPlace(place);
  }

  /** What one caller gets of an event of the past; those who ask at the same time are answered once. */
  async answerPast(
    event: Pick<EventToAnswer, 'event' | 'place'>,
    principal: Principal,
  ): Promise<GroupAnswer> {
    await this.#starting?.promise;
    // Whoever asked is elsewhere by now, and asks there.
    if (this.#isClosed) return 'foreign';
    this.#replays ??= new LRUCache({ max: maxReplays, ttl: replayTtlMs, ttlAutopurge: true });
    // Whoever is answered alike waits for one answer.
    const isForAll = !this.#program.isBound && !event.event.audience;
    const key = isForAll ? event.place : `${event.place} ${identityProjection(principal)}`;
    const known = this.#replays.get(key);
    if (known) return known;
    const { signal } = this.#controller;
    const caller = { principal, host: this.host };
    const answer = answerEvent({ ...event, isPast: true, signal }, this.#program, caller);
    this.#replays.set(key, answer);
    return answer;
  }

  /** What becomes of those who get no result of an event: some have nothing more to wait for, some may not wait. */
  settle(answer: GroupAnswer, subscribers: readonly Subscriber[], { event }: Pick<FedEvent, 'event'>): void {
    const isOver = followsEntityOf(event, this.#program.channels ?? []);
    if (answer === 'gone' && isOver) for (const each of subscribers) each.end();
    if (answer !== 'withheld' && answer !== 'revoked') return;
    this.host.noteSecurity({
      reason: answer === 'withheld' ? 'not in the audience' : 'right revoked',
      user: subscribers.length === 1 ? subscribers[0]?.principal.sub : undefined,
      subscribers: subscribers.length,
      event: event.id,
      channel: event.channel,
    });
    if (answer === 'withheld' && !isOver) return;
    const errors = this.host.format(
      new Forbidden('The caller may no longer see what this subscription is about'),
    );
    for (const each of subscribers) each.fail(errors);
  }

  #follow(program: PreparedSubscription): () => void {
    const { channels } = program;
    return channels ? this.host.feed.follow(channels, this) : this.host.upstream(program, this);
  }

  /** @param isSure whether it is known to be meant for the members; another program than ours may have found it. */
  #pushEvent(fed: FedEvent, { missed, isSure }: { readonly missed: number; readonly isSure: boolean }): void {
    this.#work.push(
      {
        fed,
        index: fed.index,
        run: async () => (isSure || this.#program.isMeant(fed.event) ? this.#answer(fed) : []),
        deliver: (portions, unbegun) => {
          for (const portion of portions) this.#deliver(portion, { ...fed, missed: unbegun });
        },
      },
      missed,
    );
  }

  async #answer(fed: FedEvent): Promise<readonly Portion[]> {
    const program = this.#program;
    const { signal } = this.#controller;
    const portions = this.#partition(fed).map(async ({ principal, to }) => {
      const caller = { principal, host: this.host };
      const answer = await answerEvent({ ...fed, isPast: false, signal }, program, caller);
      return toPortion(answer, fed.cursor, to);
    });
    return joinWithheld(await Promise.all(portions));
  }

  /** Whom an event is answered as: anybody stands for all, except where it is for some of them only. */
  #partition({
    event,
    index,
    isOld,
  }: FedEvent): readonly { readonly principal: Principal; readonly to: readonly Subscriber[] | undefined }[] {
    const members = [...this.#members].filter((member) => isFor(member, { index, isOld }));
    const parts =
      event.audience && !this.#program.isBound
        ? Map.groupBy(members, ({ principal }) => identityProjection(principal)).values()
        : [members];
    return [...parts].flatMap((alike) => {
      const principal = this.#representativeOf(alike);
      return principal ? [{ principal, to: alike === members ? undefined : alike }] : [];
    });
  }

  /** A token that has expired would be refused by subgraphs, and others of the same user may be good still. */
  #representativeOf(members: Iterable<Subscriber>): Principal | undefined {
    let first: Principal | undefined;
    for (const { principal } of members) {
      if (this.host.isValid(principal)) return principal;
      first ??= principal;
    }
    return first;
  }

  #deliver(
    { answer, result, to }: Portion,
    {
      index,
      missed,
      event,
      isOld = false,
    }: { readonly index: number; readonly missed: number } & Partial<FedEvent>,
  ): void {
    let delivered = 0;
    const others: Subscriber[] = [];
    for (const member of to ?? this.#members) {
      // Who has other rights by now is elsewhere.
      if (!isFor(member, { index, isOld }) || member.group !== this) continue;
      if (!member.isOpen || this.host.endInvalid(member, event)) continue;
      if (missed > 0) member.miss(missed);
      if (!result) others.push(member);
      else {
        delivered += 1;
        member.deliver(result);
      }
    }
    if (delivered > 0) this.noteDelivered(delivered);
    if (event && others.length > 0) this.settle(answer, others, { event });
  }

  #closeWhenEmpty(): void {
    if (this.#isClosed || this.#members.size > 0) return;
    this.#isClosed = true;
    this.#starting?.resolve();
    this.#unfollow();
    this.#controller.abort();
    this.#work.clear();
    this.#program.release();
    this.host.onEmpty(this);
  }
}

/** What happened before a subscription is for who has missed it, and not for who has only come. */
const isFor = (
  { since, resumes }: Subscriber,
  { index, isOld }: Pick<FedEvent, 'index' | 'isOld'>,
): boolean => since < index && (resumes || !isOld);

function isSameSource(one: PreparedSubscription, other: PreparedSubscription): boolean {
  if (one.channels || other.channels) return false;
  const [first, second] = [one, other].map(
    (program) => `${program.executable.subgraph.url} ${program.executable.sourceBody(program)}`,
  );
  return first === second && one.isBound === other.isBound;
}

/** Whom an event is not for hears nothing, however they differ; one line says how many they are. */
function joinWithheld(portions: readonly Portion[]): readonly Portion[] {
  const withheld = portions.filter(({ answer }) => answer === 'withheld');
  if (withheld.length < 2) return portions;
  const to = withheld.flatMap((portion) => portion.to ?? []);
  return [
    ...portions.filter(({ answer }) => answer !== 'withheld'),
    { answer: 'withheld', result: undefined, to },
  ];
}

const toPortion = (answer: GroupAnswer, cursor: string | undefined, to?: readonly Subscriber[]): Portion => ({
  answer,
  result: typeof answer === 'string' ? undefined : writeResult(answer, cursor),
  to,
});
