import type { Event } from '@tributary/event-log';

import type { FormattedError } from '../../errors/format-error.ts';
import type { IdentitySigner } from '../../identity/create-identity-signer.ts';
import type { Principal } from '../../identity/principal.ts';
import type { ErrorReport } from '../../pipeline/error-report.ts';
import type { EventFeed } from '../feed/event-feed.ts';
import type { Group } from './group.ts';
import type { PreparedSubscription } from '../prepared-subscription.ts';
import type { Subscriber } from '../subscriber.ts';

/** A line for those who watch over who sees what. */
export interface SecurityNote {
  readonly reason: 'token expired' | 'token revoked' | 'right revoked' | 'not in the audience';
  readonly user: string | undefined;
  readonly subscribers: number;
  /** The id of the event that was not delivered; absent where no event was needed to find out. */
  readonly event?: string | undefined;
  readonly channel?: string | undefined;
}

/** Subscribes at a subgraph that publishes results by itself; the returned function ends that. */
export type Upstream = (program: PreparedSubscription, group: Group) => () => void;

/** What all groups of a process have in common. */
export interface GroupHost {
  readonly feed: EventFeed;
  readonly upstream: Upstream;
  readonly signIdentity: IdentitySigner;
  /** How long to wait before an event is resolved again whose subgraph could not be reached, each time. */
  readonly retryDelaysMs: readonly number[];
  /** Whether somebody's token still counts. */
  isValid(principal: Principal): boolean;
  /**
   * Ends a subscription whose token counts no more.
   *
   * @returns whether it did
   */
  endInvalid(subscriber: Subscriber, event?: Pick<Event, 'id' | 'channel'>): boolean;
  /** The errors of one result, on their way out. */
  report(requestId: string): ErrorReport;
  /** The errors that end subscriptions. */
  format(error: unknown): readonly FormattedError[];
  noteSecurity(note: SecurityNote): void;
  onDelivered(count: number): void;
  /** Told of every event that is resolved, once for all who get the same. */
  onAnswered(): void;
  /** Told once, when the last subscriber has left. */
  onEmpty(group: Group): void;
}
