import { randomUUID } from 'node:crypto';

import { decodeCursor, encodeCursor, InvalidCursor, type EventLog } from '@tributary/event-log';
import { toError } from '@tributary/errors';
import { runInRequest, type Logger } from '@tributary/telemetry';

import { identityProjection } from '../authorization/identity-projection.ts';
import {
  BadUserInput,
  ServiceUnavailable,
  SubscriberTooSlow,
  Unauthenticated,
} from '../errors/gateway-errors.ts';
import type { CancelSignal } from '../cancellation.ts';
import { formatError, type FormattedError } from '../errors/format-error.ts';
import type { IdentitySigner } from '../identity/create-identity-signer.ts';
import type { Principal } from '../identity/principal.ts';
import { RequestErrors } from '../operations/coerce-variables.ts';
import { ErrorReport, type ErrorReportOptions } from '../pipeline/error-report.ts';
import { catchUp } from './catch-up.ts';
import { EventFeed } from './event-feed.ts';
import { Group } from './group.ts';
import type { GroupHost, SecurityNote, Upstream } from './group-host.ts';
import type { GroupRequest, PreparedSubscription } from './prepared-subscription.ts';
import { writeOpening } from './shared-result.ts';
import type { SubscriberSink } from './subscriber-sink.ts';
import { Subscriber, type DeliveryOptions, type SubscriberHost } from './subscriber.ts';

/** Prepares on the supergraph that is in service, again where a new one was taken up. */
export type Prepare = (request: GroupRequest, principal: Principal) => Promise<PreparedSubscription>;

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
  /** How long to wait before an event is resolved again whose subgraph could not be reached. @default 2 s in all */
  readonly retryDelaysMs?: readonly number[];
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

const sweepMs = 1000;

// A replica that was restarted, or a connection that was cut: an event is worth a moment of patience.
const defaultRetryDelaysMs = [100, 400, 1500];

/** All subscriptions of this process. */
export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #feed: EventFeed;
  readonly #groups = new Set<Group>();
  readonly #byKey = new Map<string, Group>();
  readonly #subscribers = new Set<Subscriber>();
  readonly #controller = new AbortController();
  readonly #sweeper: NodeJS.Timeout;
  readonly #subscriberHost: SubscriberHost;
  readonly #groupHost: GroupHost;
  #recompiling: Promise<void> = Promise.resolve();

  constructor(options: SubscriptionsOptions) {
    const { log, logger, observer } = options;
    this.#options = options;
    this.#feed = new EventFeed({ log, logger, onEvent: () => observer?.onEvent?.() });
    this.#subscriberHost = this.#createSubscriberHost();
    this.#groupHost = this.#createGroupHost();
    this.#sweeper = setInterval(() => this.#sweep(), sweepMs);
    this.#sweeper.unref();
  }

  /**
   * Begins a subscription. Whatever happens later is told to the sink.
   *
   * @param program is let go of when it cannot begin
   * @throws {BadUserInput} for a cursor that is none
   * @throws {CodedError} when nobody can tell what happens, or the signal aborts
   */
  async open(request: OpenRequest, sink: SubscriberSink): Promise<Subscriber> {
    const program = await this.#prepareToOpen(request);
    const { resume, principal } = request;
    const after = resume?.after === undefined ? undefined : readCursor(resume.after, program);
    const subscriber = new Subscriber(principal, sink, this.#subscriberHost);
    this.#join(program, subscriber);
    this.#subscribers.add(subscriber);
    this.#options.observer?.onOpened?.();
    if (after) void this.#resume(subscriber, after);
    else if (resume && program.channels)
      subscriber.deliver(writeOpening(encodeCursor(this.#feed.position())));
    return subscriber;
  }

  /** Goes on with another token of the same user. */
  async refresh(subscriber: Subscriber, principal: Principal): Promise<void> {
    const isAlike = identityProjection(subscriber.principal) === identityProjection(principal);
    subscriber.principal = principal;
    const { group } = subscriber;
    if (isAlike || !group) return;
    try {
      const program = await this.#options.prepare(group.program.request, principal);
      const isCurrent = subscriber.isOpen && subscriber.group === group && subscriber.principal === principal;
      if (!isCurrent || program.key === group.program.key) program.release();
      else this.#move(group, program, [subscriber]);
    } catch (error: unknown) {
      subscriber.fail(this.#format(error));
    }
  }

  /** Goes on with the supergraph that is in service now; what is no longer valid on it ends. */
  recompile(): Promise<void> {
    this.#recompiling = this.#recompileAfter(this.#recompiling);
    return this.#recompiling;
  }

  stats(): SubscriptionStats {
    return {
      subscribers: this.#subscribers.size,
      groups: this.#groups.size,
      patterns: this.#feed.patterns,
    };
  }

  /** Ends what is still open, and follows the log no more. */
  async stop(): Promise<void> {
    clearInterval(this.#sweeper);
    this.#controller.abort();
    await this.#recompiling;
    const leaving = this.#format(new ServiceUnavailable('The gateway is stopping: subscribe again'));
    for (const subscriber of this.#subscribers) subscriber.fail(leaving);
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

  #join(program: PreparedSubscription, subscriber: Subscriber): void {
    const known = this.#byKey.get(program.key);
    if (known && !known.isClosed) {
      program.release();
      known.add(subscriber);
      return;
    }
    const group = new Group(program, this.#groupHost, subscriber.principal);
    this.#addGroup(group);
    this.#byKey.set(program.key, group);
    group.add(subscriber);
  }

  async #resume(subscriber: Subscriber, after: ReturnType<typeof decodeCursor>): Promise<void> {
    const ended = new AbortController();
    subscriber.onClose(() => ended.abort());
    try {
      await catchUp(subscriber, after, { feed: this.#feed, signal: ended.signal });
    } catch (error: unknown) {
      subscriber.fail(this.#format(error));
    }
  }

  async #recompileAfter(last: Promise<void>): Promise<void> {
    await last;
    // Those that are made meanwhile are up to date.
    for (const group of Array.from(this.#groups)) await this.#recompileGroup(group);
  }

  async #recompileGroup(group: Group): Promise<void> {
    const [someone] = group.members;
    if (!someone || this.#controller.signal.aborted) return;
    const old = group.program;
    try {
      const program = await this.#options.prepare(old.request, someone.principal);
      if (program.key === old.key) program.release();
      else if (old.isBound || (!program.isBound && !program.hasRequirements)) this.#adopt(group, program);
      else {
        program.release();
        await this.#split(group);
      }
    } catch (error: unknown) {
      group.fail(error);
    }
  }

  #adopt(group: Group, program: PreparedSubscription): void {
    this.#forgetKey(group);
    group.adopt(program);
    if (!group.isClosed && !this.#byKey.has(program.key)) this.#byKey.set(program.key, group);
  }

  /** On another supergraph, those who were answered alike may not be any more. */
  async #split(group: Group): Promise<void> {
    const parts = Map.groupBy(group.members, ({ principal }) => identityProjection(principal));
    const byKey = new Map<string, { program: PreparedSubscription; members: Subscriber[] }>();
    for (const members of parts.values()) {
      const [someone] = members;
      if (!someone) continue;
      try {
        const program = await this.#options.prepare(group.program.request, someone.principal);
        const same = byKey.get(program.key);
        if (same) program.release();
        else byKey.set(program.key, { program, members: [] });
        (same ?? byKey.get(program.key))?.members.push(...members);
      } catch (error: unknown) {
        for (const member of members) member.fail(this.#format(error));
      }
    }
    for (const { program, members } of byKey.values()) this.#move(group, program, members);
  }

  /** Into a group of their own: in another one, they would get twice what is still on its way to them. */
  #move(from: Group, program: PreparedSubscription, members: readonly Subscriber[]): void {
    const present = members.filter(({ isOpen, group }) => isOpen && group === from);
    const [someone] = present;
    if (!someone) {
      program.release();
      return;
    }
    const gate = from.dismiss(present);
    const group = new Group(program, this.#groupHost, someone.principal, gate);
    for (const member of present) group.take(member);
    this.#addGroup(group);
    if (!this.#byKey.has(program.key)) this.#byKey.set(program.key, group);
  }

  #addGroup(group: Group): void {
    this.#groups.add(group);
    this.#options.observer?.onGroups?.(1);
  }

  #forgetKey(group: Group): void {
    const { key } = group.program;
    if (this.#byKey.get(key) === group) this.#byKey.delete(key);
  }

  #sweep(): void {
    for (const subscriber of this.#subscribers) this.#endInvalid(subscriber);
  }

  #createSubscriberHost(): SubscriberHost {
    const { delivery, logger, observer } = this.#options;
    return {
      delivery,
      onClose: (subscriber) => {
        subscriber.group?.remove(subscriber);
        if (this.#subscribers.delete(subscriber)) observer?.onClosed?.();
      },
      onDropped: (count) => observer?.onDropped?.(count),
      onBrokenSink: (error) => logger.fatal({ err: toError(error) }, 'a transport failed to take a result'),
      tooSlow: () => this.#format(new SubscriberTooSlow()),
    };
  }

  #createGroupHost(): GroupHost {
    const { upstream, signIdentity, observer, retryDelaysMs = defaultRetryDelaysMs } = this.#options;
    return {
      feed: this.#feed,
      upstream,
      signIdentity,
      retryDelaysMs,
      isValid: (principal) => this.#findInvalid(principal) === undefined,
      endInvalid: (subscriber, event) => this.#endInvalid(subscriber, event),
      report: (requestId) => new ErrorReport(requestId, this.#options),
      format: (error) => this.#format(error),
      noteSecurity: (note) => this.#noteSecurity(note),
      onDelivered: (count) => observer?.onDelivered?.(count),
      onAnswered: () => observer?.onAnswered?.(),
      onEmpty: (group) => {
        if (this.#groups.delete(group)) observer?.onGroups?.(-1);
        this.#forgetKey(group);
      },
    };
  }

  #findInvalid(principal: Principal): 'token expired' | 'token revoked' | undefined {
    const { isRevoked, now = Date.now } = this.#options;
    if (principal.expiresAt !== undefined && principal.expiresAt * 1000 <= now()) return 'token expired';
    return isRevoked?.(principal) ? 'token revoked' : undefined;
  }

  #endInvalid(subscriber: Subscriber, event?: { readonly id: string; readonly channel: string }): boolean {
    const { principal } = subscriber;
    const reason = this.#findInvalid(principal);
    if (!reason) return false;
    const { id, channel } = event ?? {};
    this.#noteSecurity({ reason, user: principal.sub, subscribers: 1, event: id, channel });
    subscriber.fail(this.#format(new Unauthenticated(sentences[reason])));
    return true;
  }

  #noteSecurity(note: SecurityNote): void {
    this.#options.logger.warn(
      { security: true, ...note },
      'a subscriber did not get an event, or no more of them',
    );
  }

  #format(error: unknown): readonly FormattedError[] {
    const { isDevelopment, logErrors } = this.#options;
    const errors = error instanceof RequestErrors ? error.errors : [error];
    const requestId = randomUUID();
    runInRequest({ requestId }, () => logErrors(errors));
    return errors.map((each) => formatError(each, { requestId, isDevelopment }));
  }
}

export interface OpenRequest {
  readonly prepared: PreparedSubscription;
  readonly request: GroupRequest;
  readonly principal: Principal;
  readonly resume: Resume | undefined;
  /** Ends the wait for the log. */
  readonly signal: CancelSignal;
  /** Whether it was prepared on the supergraph that is in service. */
  isCurrent(program: PreparedSubscription): boolean;
}

const sentences = {
  'token expired': 'The token has expired: sign in again',
  'token revoked': 'The token is no longer valid: sign in again',
} as const;

function readCursor(text: string, { channels }: PreparedSubscription) {
  if (!channels)
    throw new BadUserInput('Expected a subscription that can be resumed, but nobody keeps its events');
  try {
    return decodeCursor(text);
  } catch (error: unknown) {
    if (error instanceof InvalidCursor) throw new BadUserInput(error.message);
    throw error;
  }
}
