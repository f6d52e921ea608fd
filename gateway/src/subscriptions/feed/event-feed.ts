import { setTimeout as sleep } from 'node:timers/promises';

import type { EventFilter, EventScope } from '@tributary/directives';
import { toError } from '@tributary/errors';
import {
  ChannelTrie,
  type Event,
  type EventLog,
  type LogCursor,
  type LoggedEvent,
} from '@tributary/event-log';
import type { Logger } from '@tributary/telemetry';

import type { CancelSignal } from '../../cancellation.ts';
import { RateLimited } from '../../errors/gateway-errors.ts';
import { cursorText } from './cursor-text.ts';
import type { PastReader } from './past-pages.ts';
import { Past } from './past.ts';
import { Waiters } from './waiters.ts';

/** An event as it reaches those who follow its channel. */
export interface FedEvent {
  readonly event: Event;
  /** Where it stands among all events that this process has been fed, from 1. */
  readonly index: number;
  /** Tells it from every other event of the log: `posts.0:17`. */
  readonly place: string;
  /** Where the log goes on after it; `undefined` where that is too long to be carried. */
  readonly cursor: string | undefined;
  /** Whether it happened before this process followed the log: a log that has lost its data is given it again. */
  readonly isOld: boolean;
}

/** A pattern of channels, and which of their events are meant. */
export interface FollowedChannel {
  readonly pattern: string;
  readonly filter: EventFilter | undefined;
}

/** Somebody who follows channels. Neither function may throw. */
export interface FeedFollower {
  /** What filters compare with. */
  readonly scope: EventScope;
  onEvent(event: FedEvent): void;
  /** Events were lost that may have been meant for it. */
  onLoss(): void;
}

export interface EventFeedOptions {
  readonly log: Pick<EventLog, 'tail' | 'read'>;
  readonly logger: Logger;
  /** How long to wait before the log is followed again. @default 1000 */
  readonly retryMs?: number;
  /** How many may wait for the log to get on; beyond that, one of each connection may. @default 10000 */
  readonly maxWaiting?: number;
  /** Told of every event of the log. */
  readonly onEvent?: () => void;
}

/** What a channel leads to: many patterns of one follower may share a filter. */
interface Listening {
  readonly follower: FeedFollower;
  readonly filter: EventFilter | undefined;
}

const defaultRetryMs = 1000;
const defaultMaxWaiting = 10_000;
// Clocks differ, and what happens in a long transaction is told when it is over.
const toleranceMs = 30_000;

/**
 * The events of the log in this process: one tail, whoever listens, and a walk through the segments of an event's channel
 * to find those who do.
 */
export class EventFeed {
  readonly #options: EventFeedOptions;
  readonly #trie = new ChannelTrie<Listening>();
  readonly #followers = new Set<FeedFollower>();
  readonly #controller = new AbortController();
  readonly #running: Promise<void>;
  /** What has come before. */
  readonly past: Past;
  readonly #onReady = new Waiters();
  readonly #onProgress = new Waiters();
  /** Those who wait for progress, by whose they are. */
  readonly #waitingOf = new Map<object, number>();
  #isReady = false;
  #position = new Map<string, number>();
  #index = 0;
  /** What happened before this is old; milliseconds since 1970. */
  #begunAt = 0;

  constructor(options: EventFeedOptions) {
    this.#options = options;
    this.past = new Past({ log: options.log, signal: this.#controller.signal });
    this.#running = this.#run();
  }

  /** How many follow something. */
  get followers(): number {
    return this.#followers.size;
  }

  /** How many patterns are followed, each as often as somebody does. */
  get patterns(): number {
    return this.#trie.size;
  }

  /** How many wait for the log to be there, or to get on. */
  get waiting(): number {
    return this.#onReady.size + this.#onProgress.size;
  }

  /** The index of the last event that was fed. */
  get index(): number {
    return this.#index;
  }

  /** Gives something that did not come by the log its place among what did. */
  tick(): number {
    this.#index += 1;
    return this.#index;
  }

  /** Where the log goes on after the last event that was fed. */
  position(): LogCursor {
    return new Map(this.#position);
  }

  /** Whether everything up to a cursor has been fed, or was there before. */
  hasReached(cursor: LogCursor): boolean {
    return [...cursor].every(([partition, seq]) => this.#isAt(partition, seq));
  }

  /**
   * Resolves when it has; a log that lost data gets it again.
   *
   * @throws {RateLimited} where too many wait already: a cursor may be made up, and never be reached
   */
  async reached(cursor: LogCursor, { who, signal }: PastReader): Promise<void> {
    this.#admit(who);
    try {
      for (const [partition, seq] of cursor) {
        await this.#onProgress.until(() => this.#isAt(partition, seq), signal);
      }
    } finally {
      const others = (this.#waitingOf.get(who) ?? 1) - 1;
      if (others > 0) this.#waitingOf.set(who, others);
      else this.#waitingOf.delete(who);
    }
  }

  /** Resolves when no event from now on can be missed; at once, except after a start or an outage. */
  ready(signal: CancelSignal): Promise<void> {
    return this.#onReady.until(() => this.#isReady, signal);
  }

  /** Follows channels from this moment on; the returned function ends it. */
  follow(channels: readonly FollowedChannel[], follower: FeedFollower): () => void {
    const byFilter = new Map<EventFilter | undefined, Listening>();
    const removals = channels.map(({ pattern, filter }) => {
      let listening = byFilter.get(filter);
      if (!listening) byFilter.set(filter, (listening = { follower, filter }));
      return this.#trie.add(pattern, listening);
    });
    this.#followers.add(follower);
    return () => {
      for (const remove of removals) remove();
      this.#followers.delete(follower);
    };
  }

  async stop(): Promise<void> {
    this.#controller.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#controller;
    const { retryMs = defaultRetryMs } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#tail(signal);
      } catch (error: unknown) {
        if (signal.aborted) break;
        this.#options.logger.error(
          { err: toError(error) },
          'the event log cannot be followed, events are lost',
        );
      }
      this.#lose();
      await sleep(retryMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #tail(signal: AbortSignal): Promise<void> {
    const { log, onEvent } = this.#options;
    const { ready, events } = log.tail({ signal });
    this.#position = new Map(await ready);
    this.#begunAt = Date.now() - toleranceMs;
    this.#isReady = true;
    this.#onReady.wake();
    this.#onProgress.wake();
    for await (const batch of events) {
      for (const logged of batch) {
        onEvent?.();
        this.#feed(logged);
      }
      this.#onProgress.wake();
    }
  }

  #isAt(partition: string, seq: number): boolean {
    return (this.#position.get(partition) ?? 0) >= seq;
  }

  #admit(who: object): void {
    const { maxWaiting = defaultMaxWaiting } = this.#options;
    const own = this.#waitingOf.get(who) ?? 0;
    if (own > 0 && this.#onProgress.size >= maxWaiting) {
      throw new RateLimited(
        `Expected at most ${maxWaiting} subscriptions to wait until the log has come to their cursors, and beyond ` +
          `that one of each connection, but got another of a connection with ${own}: subscribe again, with the same cursor`,
      ).with({ extensions: { retryAfter: 5 } });
    }
    this.#waitingOf.set(who, own + 1);
  }

  #feed({ position: { partition, seq }, event }: LoggedEvent): void {
    this.#position.set(partition, seq);
    const index = this.tick();
    let fed: FedEvent | undefined;
    let reached: Set<FeedFollower> | undefined;
    for (const { follower, filter } of this.#trie.match(event.channel)) {
      if (filter && !filter.matches(event.data, follower.scope)) continue;
      // An event that comes to somebody by several channels is one event.
      if (reached?.has(follower)) continue;
      (reached ??= new Set()).add(follower);
      fed ??= {
        event,
        index,
        place: `${partition}:${seq}`,
        cursor: cursorText(this.#position),
        isOld: Date.parse(event.occurredAt) < this.#begunAt,
      };
      follower.onEvent(fed);
    }
  }

  /** What was missed cannot be told any more; those who resume later learn it from their cursor. */
  #lose(): void {
    this.#isReady = false;
    for (const follower of this.#followers) follower.onLoss();
  }
}
