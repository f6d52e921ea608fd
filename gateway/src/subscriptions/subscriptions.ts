import { randomUUID } from 'node:crypto';

import { toError } from '@tributary/errors';
import { decodeCursor, InvalidCursor, type EventLog, type LogCursor } from '@tributary/event-log';
import { runInRequest, type Logger } from '@tributary/telemetry';

import type { CancelSignal } from '../cancellation.ts';
import { formatError, type FormattedError } from '../errors/format-error.ts';
import {
  BadUserInput,
  ServiceUnavailable,
  SubscriberTooSlow,
  SubscriptionInactive,
} from '../errors/gateway-errors.ts';
import type { IdentitySigner } from '../identity/create-identity-signer.ts';
import type { Principal } from '../identity/principal.ts';
import { RequestErrors } from '../operations/coerce-variables.ts';
import { ErrorReport, type ErrorReportOptions } from '../pipeline/error-report.ts';
import { catchUp } from './catch-up.ts';
import { cursorText } from './feed/cursor-text.ts';
import { PlaceClock, type PlaceIntervals } from './feed/place-clock.ts';
import { EventFeed } from './feed/event-feed.ts';
import type { Upstream } from './groups/group-host.ts';
import { Groups, type Prepare } from './groups/groups.ts';
import { liveOperations, type LiveOperation } from './live-operation.ts';
import type { RenewedCaller } from './operation-request.ts';
import type { GroupRequest, PreparedSubscription } from './prepared-subscription.ts';
import { writeOpening } from './shared-result.ts';
import type { SubscriberSink } from './subscriber-sink.ts';
import { Subscriber, type DeliveryOptions, type SubscriberHost } from './subscriber.ts';
import { TokenCheck } from './token-check.ts';

export interface SubscriptionsOptions extends ErrorReportOptions {
  readonly log: Pick<EventLog, 'tail' | 'read'>;
  readonly prepare: Prepare;
  readonly upstream: Upstream;
  readonly signIdentity: IdentitySigner;
  readonly logger: Logger;
  readonly delivery: DeliveryOptions;
  /** Whether a token counts no more, though it has not expired. @default none is revoked */
  readonly isRevoked?: ((principal: Principal) => boolean) | undefined;
  /** Told what happens, for whoever counts. @default nobody counts */
  readonly observer?: Partial<SubscriptionObserver> | undefined;
  /** How long one may wait for a result before it ends; 0 for ever. @default 0 */
  readonly subscriptionInactivityMs?: number;
  /** How long to wait before an event is resolved again whose subgraph could not be reached. @default 2 s in all */
  readonly retryDelaysMs?: readonly number[];
  /** How often those who wait for rare events are told where the log is. @default see {@link PlaceClock} */
  readonly placeIntervals?: Partial<PlaceIntervals>;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

/** What is counted of subscriptions. */
export interface SubscriptionObserver {
  onOpened(): void;
  onClosed(): void;
  /** A group was made, or has lost its last subscriber. */
  onGroups(delta: 1 | -1): void;
  /** An event of the log has come, whether it was meant for anybody or not. */
  onEvent(): void;
  /** An event was resolved, once for all of a group. */
  onAnswered(): void;
  /** Results went to so many subscribers. */
  onDelivered(count: number): void;
  /** Results were left out for a subscriber that reads slowly. */
  onDropped(count: number): void;
}

/** What there is at this moment. */
export interface SubscriptionStats {
  readonly subscribers: number;
  readonly groups: number;
  /** Patterns of channels, each as often as a group follows it. */
  readonly patterns: number;
}

/** How a client goes on. */
export interface Resume {
  /** The cursor of the last event that it has got; `undefined` asks where it is now. */
  readonly after: string | undefined;
}

export interface OpenRequest {
  /** Let go of when the subscription cannot begin. */
  readonly prepared: PreparedSubscription;
  readonly request: GroupRequest;
  readonly principal: Principal;
  readonly resume: Resume | undefined;
  /** The connection that it came by: those of one connection take turns when they resume. */
  readonly who: object;
  /** Ends the wait for the log. */
  readonly signal: CancelSignal;
  /** Whether it was prepared on the supergraph that is in service. */
  isCurrent(program: PreparedSubscription): boolean;
}

const sweepMs = 1000;

// A replica that was restarted, or a connection that was cut: an event is worth a moment of patience.
const defaultRetryDelaysMs = [100, 400, 1500];

/** All subscriptions of this process. */
export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #feed: EventFeed;
  readonly #groups: Groups;
  readonly #tokens: TokenCheck;
  readonly #subscribers = new Set<Subscriber>();
  readonly #subscriberHost: SubscriberHost;
  readonly #places: PlaceClock;
  readonly #sweeper: NodeJS.Timeout;

  constructor(options: SubscriptionsOptions) {
    const { log, logger, observer, isRevoked, now = Date.now } = options;
    const format = (error: unknown) => this.#format(error);
    this.#options = options;
    this.#feed = new EventFeed({ log, logger, onEvent: () => observer?.onEvent?.() });
    this.#tokens = new TokenCheck({ logger, isRevoked, now, format });
    this.#groups = this.#createGroups();
    this.#subscriberHost = this.#createSubscriberHost();
    this.#places = new PlaceClock(options.placeIntervals, now);
    this.#sweeper = setInterval(() => this.#sweep(), sweepMs);
    this.#sweeper.unref();
  }

  /**
   * Begins a subscription. Whatever happens later is told to the sink.
   *
   * @throws {BadUserInput} for a cursor that is none
   * @throws {CodedError} for what a new supergraph refuses
   * @throws the signal's reason when it aborts before the log can be followed
   */
  async open(request: OpenRequest, sink: SubscriberSink): Promise<Subscriber> {
    const { resume, principal, who } = request;
    const program = await this.#prepareToOpen(request);
    const after = readCursor(program, resume);
    const subscriber = new Subscriber(principal, sink, this.#subscriberHost);
    subscriber.resumes = after !== undefined;
    subscriber.wantsPlace = resume !== undefined && program.channels !== undefined;
    if (subscriber.wantsPlace) this.#places.begin(this.#feed.position());
    this.#groups.join(program, subscriber);
    this.#subscribers.add(subscriber);
    this.#options.observer?.onOpened?.();
    if (after) void this.#catchUp(subscriber, { after, who });
    else if (resume && program.channels) this.#tellPlace(subscriber);
    return subscriber;
  }

  /** Goes on with another token of the same user. */
  refresh(subscriber: Subscriber, caller: RenewedCaller): Promise<void> {
    return this.#groups.refresh(subscriber, caller);
  }

  /** Goes on with the supergraph that is in service now; what is no longer valid on it ends. */
  recompile(): Promise<void> {
    return this.#groups.recompile();
  }

  stats(): SubscriptionStats {
    return {
      subscribers: this.#subscribers.size,
      groups: this.#groups.size,
      patterns: this.#feed.patterns,
    };
  }

  /** What is subscribed to, the most subscribed first. */
  operations(): readonly LiveOperation[] {
    return liveOperations(this.#groups);
  }

  /** Ends what is still open, and follows the log no more. */
  async stop(): Promise<void> {
    clearInterval(this.#sweeper);
    await this.#groups.stop();
    if (this.#subscribers.size > 0) {
      const leaving = this.#format(new ServiceUnavailable('The gateway is stopping: subscribe again'));
      for (const subscriber of this.#subscribers) subscriber.fail(leaving);
    }
    await this.#feed.stop();
  }

  /** A supergraph may be replaced while somebody waits for the log. */
  async #prepareToOpen({ prepared, request, principal, signal, isCurrent }: OpenRequest) {
    let program = prepared;
    try {
      while (true) {
        if (program.channels) await this.#feed.ready(signal);
        signal.throwIfAborted();
        if (isCurrent(program)) return program;
        program.release();
        program = await this.#options.prepare(request, principal);
      }
    } catch (error: unknown) {
      program.release();
      throw error;
    }
  }

  async #catchUp(
    subscriber: Subscriber,
    { after, who }: { readonly after: LogCursor; readonly who: object },
  ): Promise<void> {
    const ended = new AbortController();
    subscriber.onClose(() => ended.abort());
    try {
      await catchUp(subscriber, after, { feed: this.#feed, who, signal: ended.signal });
    } catch (error: unknown) {
      // Who has left does not wait for what it missed.
      if (subscriber.isOpen) subscriber.fail(this.#format(error));
    }
  }

  #tellPlace(subscriber: Subscriber): void {
    const cursor = cursorText(this.#feed.position());
    if (cursor !== undefined) subscriber.deliver(writeOpening(cursor));
  }

  #sweep(): void {
    for (const subscriber of this.#subscribers) this.#tokens.endInvalid(subscriber);
    this.#endInactive();
    this.#tellPlaces();
  }

  #endInactive(): void {
    const { subscriptionInactivityMs = 0 } = this.#options;
    if (subscriptionInactivityMs === 0) return;
    const inactive: Subscriber[] = [];
    for (const subscriber of this.#subscribers) {
      // The first look may come at once.
      const quietMs = (subscriber.lookForResults() - 1) * sweepMs;
      if (quietMs >= subscriptionInactivityMs) inactive.push(subscriber);
    }
    if (inactive.length === 0) return;
    const errors = this.#format(new SubscriptionInactive(subscriptionInactivityMs));
    for (const subscriber of inactive) subscriber.fail(errors);
  }

  /** A cursor that stands still while others have events would become too old, though nothing was missed. */
  #tellPlaces(): void {
    const position = this.#feed.position();
    if (!this.#places.isDue(position)) return;
    const cursor = cursorText(position);
    if (cursor !== undefined) this.#groups.tellPlace(writeOpening(cursor));
  }

  #createSubscriberHost(): SubscriberHost {
    const { delivery, logger, observer } = this.#options;
    return {
      delivery,
      onClose: (subscriber) => {
        subscriber.group?.remove(subscriber);
        if (this.#subscribers.delete(subscriber)) observer?.onClosed?.();
      },
      onDropped: (count, { group }) => {
        if (group) group.dropped += count;
        observer?.onDropped?.(count);
      },
      onBrokenSink: (error) => logger.fatal({ err: toError(error) }, 'a transport failed to take a result'),
      tooSlow: () => this.#format(new SubscriberTooSlow()),
    };
  }

  #createGroups(): Groups {
    const { prepare, upstream, signIdentity, observer, retryDelaysMs = defaultRetryDelaysMs } = this.#options;
    return new Groups({
      prepare,
      onCount: (delta) => observer?.onGroups?.(delta),
      host: {
        feed: this.#feed,
        upstream,
        signIdentity,
        retryDelaysMs,
        isValid: (principal) => this.#tokens.isValid(principal),
        endInvalid: (subscriber, event) => this.#tokens.endInvalid(subscriber, event),
        report: (requestId) => new ErrorReport(requestId, this.#options),
        format: (error) => this.#format(error),
        noteSecurity: (note) => this.#tokens.note(note),
        onDelivered: (count) => observer?.onDelivered?.(count),
        onAnswered: () => observer?.onAnswered?.(),
      },
    });
  }

  /** What ends a subscription has an id of its own: it comes long after the request that began it. */
  #format(error: unknown): readonly FormattedError[] {
    const { isDevelopment, logErrors } = this.#options;
    const errors = error instanceof RequestErrors ? error.errors : [error];
    const requestId = randomUUID();
    runInRequest({ requestId }, () => logErrors(errors));
    return errors.map((each) => formatError(each, { requestId, isDevelopment }));
  }
}

/** @returns `undefined` for a client that does not resume */
function readCursor(program: PreparedSubscription, resume: Resume | undefined): LogCursor | undefined {
  if (resume?.after === undefined) return undefined;
  try {
    if (program.channels) return decodeCursor(resume.after);
    throw new BadUserInput('Expected a subscription that can be resumed, but nobody keeps its events');
  } catch (error: unknown) {
    program.release();
    throw error instanceof InvalidCursor ? new BadUserInput(error.message) : error;
  }
}
