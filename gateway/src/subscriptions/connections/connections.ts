import type { Logger } from '@tributary/telemetry';

import { networkOf, type ClientInfo } from '../../http/client-info.ts';
import type { Principal } from '../../identity/principal.ts';
import type { Connection, EndReason, Transport } from './connection.ts';
import type { Quota, Release } from './quota.ts';

export interface ConnectionLimits {
  /** Of this gateway, or of all that share a quota. */
  readonly total: number;
  readonly perNetwork: number;
  readonly perUser: number;
}

export type RefusalReason =
  | 'total'
  | 'network'
  | 'user'
  | 'draining'
  | 'memory'
  | 'origin'
  | 'unauthenticated';

/** What the connections are counted with. */
export interface ConnectionMetrics {
  connectionOpened(transport: Transport): void;
  connectionClosed(transport: Transport, reason: string): void;
  connectionRefused(reason: RefusalReason): void;
  /** Subscriptions that are open; a query that runs on a socket is none. */
  subscriptionsOpen(delta: 1 | -1): void;
}

export interface ConnectionsOptions {
  readonly limits: ConnectionLimits;
  readonly quota: Quota;
  readonly metrics: ConnectionMetrics;
  readonly logger: Logger;
  /** Whether the rights of a principal were taken away before its token ends. @default never */
  readonly isRevoked?: ((principal: Principal) => boolean) | undefined;
  /** Whether there is no memory for newcomers; looked at with the connections. @default never */
  readonly isShortOfMemory?: () => boolean;
  /** How far apart clients come back that are sent away together. */
  readonly reconnectSpreadMs: number;
  /** How often connections are looked at. @default 1000 */
  readonly checkIntervalMs?: number;
}

/**
 * Everybody who is connected for longer than an answer. One timer looks after all of them: it pings, ends the idle, the
 * silent and those whose token has ended. Going away happens once, whoever notices it first.
 */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #open = new Map<Connection, Release[]>();
  readonly #ofUser = new Map<string, Set<Connection>>();
  readonly #timer: NodeJS.Timeout;
  #isDraining = false;
  #isShortOfMemory = false;
  #onEmpty: (() => void) | undefined;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.check(Date.now()), options.checkIntervalMs ?? 1000);
    // What is connected keeps the process alive, not the look at it.
    this.#timer.unref();
  }

  get size(): number {
    return this.#open.size;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  get metrics(): ConnectionMetrics {
    return this.#options.metrics;
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#open.keys();
  }

  /** The users who have at least one connection. */
  users(): Iterable<string> {
    return this.#ofUser.keys();
  }

  isRevoked(principal: Principal): boolean {
    return this.#options.isRevoked?.(principal) ?? false;
  }

  /** Asks for a place for a client that comes from there; gives back what has to be released, or why there is none. */
  async admit(client: ClientInfo): Promise<{ places: Release[] } | { refused: RefusalReason }> {
    if (this.#isDraining) return this.refuse('draining');
    // Before anything is kept of it. Who is there already stays: what is sent away comes back, and takes more.
    if (this.#isShortOfMemory) return this.refuse('memory');
    const { quota, limits } = this.#options;
    const total = await quota.take({ holder: 'all', limit: limits.total });
    if (!total) return this.refuse('total');
    const holder = `network:${networkOf(client.ip)}`;
    const network = await quota.take({ holder, limit: limits.perNetwork });
    if (network) return { places: [total, network] };
    total();
    return this.refuse('network');
  }

  refuse(reason: RefusalReason): { refused: RefusalReason } {
    this.#options.metrics.connectionRefused(reason);
    return { refused: reason };
  }

  add(connection: Connection, places: Release[]): void {
    this.#open.set(connection, places);
    this.#options.metrics.connectionOpened(connection.transport);
    if (this.#isDraining) this.#end(connection, 'draining');
  }

  /** A connection has said who it is. @returns false when that user has as many as one may have */
  async identify(connection: Connection, { sub }: Principal): Promise<boolean> {
    if (sub === undefined) return true;
    const { quota, limits } = this.#options;
    const place = await quota.take({ holder: `user:${sub}`, limit: limits.perUser });
    if (!place) {
      this.refuse('user');
      return false;
    }
    const places = this.#open.get(connection);
    if (!places) {
      // It left while we asked.
      place();
      return true;
    }
    places.push(place);
    const others = this.#ofUser.get(sub) ?? new Set();
    this.#ofUser.set(sub, others.add(connection));
    return true;
  }

  /** It is gone, for whatever reason; a second call has nothing to do. */
  remove(connection: Connection, reason: string): void {
    const places = this.#open.get(connection);
    if (!places) return;
    this.#open.delete(connection);
    for (const release of places) release();
    this.#forgetUser(connection);
    this.#options.metrics.connectionClosed(connection.transport, reason);
    this.#options.logger.debug({ ...describe(connection), reason }, 'connection closed');
    if (this.#open.size === 0) this.#onEmpty?.();
  }

  #forgetUser(connection: Connection): void {
    const sub = connection.principal?.sub;
    if (sub === undefined) return;
    const others = this.#ofUser.get(sub);
    others?.delete(connection);
    if (others?.size === 0) this.#ofUser.delete(sub);
  }

  /** Ends the connections of a user whose rights were taken away. @returns how many there were */
  revoke(sub: string): number {
    const connections = [...(this.#ofUser.get(sub) ?? [])];
    for (const connection of connections) this.#end(connection, 'revoked');
    return connections.length;
  }

  /** Looks at each connection; the timer does it. */
  check(now: number): void {
    this.#lookAtMemory();
    for (const connection of this.#open.keys()) {
      if (connection.isEnding) continue;
      if (this.endWithoutRights(connection, now)) continue;
      const reason = connection.check(now);
      if (reason) this.#end(connection, reason);
    }
  }

  #lookAtMemory(): void {
    const isShort = this.#options.isShortOfMemory?.() ?? false;
    if (isShort === this.#isShortOfMemory) return;
    this.#isShortOfMemory = isShort;
    this.#options.logger.warn(
      { connections: this.#open.size },
      isShort
        ? 'memory is short: nobody else may stay connected until there is more'
        : 'there is memory again: others may connect',
    );
  }

  /**
   * Ends a connection whose token counts no more.
   *
   * @returns whether it did
   */
  endWithoutRights(connection: Connection, now: number): boolean {
    const { principal } = connection;
    if (!principal) return false;
    const { expiresAt = Infinity } = principal;
    if (expiresAt * 1000 <= now) this.#end(connection, 'expired');
    else if (this.isRevoked(principal)) this.#end(connection, 'revoked');
    else return false;
    return true;
  }

  #end(connection: Connection, reason: EndReason): void {
    // Rights that end while somebody listens are for whoever watches over them.
    if (reason === 'expired' || reason === 'revoked') {
      this.#options.logger.warn(
        { security: true, ...describe(connection), reason },
        'a connection lost its rights',
      );
    }
    connection.end(reason, Math.round(Math.random() * this.#options.reconnectSpreadMs));
  }

  /**
   * Lets nobody in any more and sends everybody away, each with a time of its own to come back at: all at once they would
   * be too many for whoever takes them. Who has not left when the time is over is cut off.
   */
  async drain(timeoutMs: number): Promise<void> {
    this.#isDraining = true;
    clearInterval(this.#timer);
    for (const connection of this.#open.keys()) this.#end(connection, 'draining');
    if (this.#open.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    const timer = setTimeout(() => {
      for (const connection of this.#open.keys()) connection.cut();
    }, timeoutMs);
    await promise;
    clearTimeout(timer);
  }
}

const describe = ({ id, transport, client, principal, openedAt, operations }: Connection) => ({
  connection: id,
  transport,
  client,
  ...(principal?.sub !== undefined && { user: { id: principal.sub } }),
  durationMs: Date.now() - openedAt,
  operations,
});
