import type { ServerResponse } from 'node:http';

import { Cancellation, type CancelSignal } from '../../cancellation.ts';
import { Unauthenticated } from '../../errors/gateway-errors.ts';
import type { FormattedError } from '../../errors/format-error.ts';
import type { ClientInfo } from '../../http/client-info.ts';
import type { Principal } from '../../identity/principal.ts';
import { connectionId, type Connection, type EndReason } from '../connections/connection.ts';
import type { Connections } from '../connections/connections.ts';
import type { SubscriptionHandle } from '../operation-request.ts';
import type { SharedResult, SubscriberSink } from '../subscriber-sink.ts';
import type { FlushSchedule } from './flush-schedule.ts';
import { Outbox } from './outbox.ts';
import type { StreamFormat } from './stream-format.ts';

export interface StreamContext {
  readonly connections: Connections;
  readonly schedule: FlushSchedule;
  readonly report: (requestId: string, errors: readonly unknown[]) => readonly FormattedError[];
  readonly pingIntervalMs: number;
}

const noPrefix = Buffer.alloc(0);
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;

/** An HTTP response that stays open for one operation. */
export class StreamConnection implements Connection, SubscriberSink {
  readonly id = connectionId();
  readonly transport: 'sse' | 'multipart';
  readonly client: ClientInfo;
  readonly openedAt = Date.now();
  readonly #response: ServerResponse;
  readonly #format: StreamFormat;
  readonly #context: StreamContext;
  readonly #outbox: Outbox;
  readonly #cancellation = new Cancellation();
  #handle: SubscriptionHandle | undefined;
  #principal: Principal | undefined;
  #lastActivityAt = this.openedAt;
  #lastWrittenAt = this.openedAt;
  #isFirst = true;
  #hasRoomAgain = false;
  #isSubscription = false;
  #isOver = false;
  #endedFor = 'client';

  constructor(response: ServerResponse, client: ClientInfo, format: StreamFormat, context: StreamContext) {
    this.#response = response;
    this.client = client;
    this.transport = format.transport;
    this.#format = format;
    this.#context = context;
    this.#outbox = new Outbox({
      wire: response,
      framing: format.framing,
      schedule: context.schedule,
      onRoom: () => {
        this.#lastActivityAt = Date.now();
        if (this.#handle) this.#handle.resumeReading();
        else this.#hasRoomAgain = true;
      },
    });
    response.once('close', () => this.#onClose());
  }

  get principal(): Principal | undefined {
    return this.#principal;
  }

  get bufferedBytes(): number {
    return this.#outbox.bufferedBytes;
  }

  get isEnding(): boolean {
    return this.#isOver;
  }

  get operations(): number {
    return this.#isOver ? 0 : 1;
  }

  get lastActivityAt(): number {
    return this.#lastActivityAt;
  }

  /** Aborted when the client is gone. */
  get signal(): CancelSignal {
    return this.#cancellation;
  }

  identify(principal: Principal): void {
    this.#principal = principal;
  }

  /** The operation is there. */
  opened(handle: SubscriptionHandle): void {
    if (this.#isOver) {
      handle.stop();
      return;
    }
    this.#handle = handle;
    if (this.#hasRoomAgain) handle.resumeReading();
    this.#isSubscription = handle.isOpen;
    if (this.#isSubscription) this.#context.connections.metrics.subscriptionsOpen(1);
    this.#begin();
  }

  #begin(): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(200, { ...streamHeaders, ...this.#format.headers });
    this.#send(this.#format.opening);
  }

  next(result: SharedResult): boolean {
    if (this.#isOver) return true;
    this.#begin();
    this.#isFirst = false;
    this.#lastWrittenAt = Date.now();
    return this.#outbox.push(this.#format.prefixOf(result), onOneLine(result.bytes));
  }

  end(reason?: EndReason, reconnectAfterMs = 0): void {
    switch (reason) {
      case undefined:
        return this.#finish(this.#format.completion);
      case 'draining':
        this.#endedFor = reason;
        return this.#finish(this.#format.farewell(reconnectAfterMs));
      case 'expired':
        return this.#loseRights(reason, 'The token has expired: sign in again');
      case 'revoked':
        return this.#loseRights(reason, 'The rights of this token were taken away: sign in again');
      case 'idle':
      case 'silent':
      case 'uninitialised':
      case 'cut':
        this.#endedFor = reason;
        return this.cut();
    }
  }

  #loseRights(reason: EndReason, message: string): void {
    this.#endedFor = reason;
    this.error(this.#context.report(this.id, [new Unauthenticated(message)]));
  }

  error(errors: readonly FormattedError[]): void {
    this.#finish(this.#format.failure(errors, this.#isFirst));
  }

  #finish(lastWords: string): void {
    if (this.#isOver) return;
    if (this.#endedFor === 'client') this.#endedFor = 'completed';
    this.#begin();
    this.#send(lastWords);
    this.#stop();
    this.#outbox.flushNow();
    this.#response.end();
  }

  #send(text: string): void {
    this.#lastWrittenAt = Date.now();
    if (text !== '') this.#outbox.push(noPrefix, Buffer.from(text));
  }

  check(now: number): EndReason | undefined {
    if (this.#isOver || !this.#handle) return undefined;
    const { pingIntervalMs } = this.#context;
    if (this.#outbox.bufferedBytes > 0) {
      return now - Math.max(this.#lastActivityAt, this.#lastWrittenAt) >= 2 * pingIntervalMs
        ? 'silent'
        : undefined;
    }
    this.#lastActivityAt = now;
    if (now - this.#lastWrittenAt >= pingIntervalMs) this.#send(this.#format.heartbeat);
    return undefined;
  }

  cut(): void {
    this.#stop();
    this.#response.destroy();
    this.#onClose();
  }

  #stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#isSubscription) this.#context.connections.metrics.subscriptionsOpen(-1);
    this.#handle?.stop();
    this.#cancellation.abort(new Error('The client is gone'));
  }

  #onClose(): void {
    this.#stop();
    this.#outbox.clear();
    this.#context.connections.remove(this, this.#endedFor);
  }
}

const streamHeaders = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  // Asks proxies not to collect what should arrive at once.
  'x-accel-buffering': 'no',
};

/** JSON may have line breaks between its tokens, where these formats have meanings for them. */
function onOneLine(bytes: Buffer): Buffer {
  if (!bytes.includes(lineFeed) && !bytes.includes(carriageReturn)) return bytes;
  return Buffer.from(bytes.map((byte) => (byte === lineFeed || byte === carriageReturn ? space : byte)));
}
