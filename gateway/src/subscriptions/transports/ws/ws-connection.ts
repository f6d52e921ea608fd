import type { Duplex } from 'node:stream';

import { classifyError, toError } from '@tributary/errors';
import {
  CloseCode,
  MessageType,
  parseMessage,
  type ConnectionInitMessage,
  type PingMessage,
  type SubscribeMessage,
} from 'graphql-ws';
import type { RawData, WebSocket } from 'ws';

import { RateLimited, Unauthenticated } from '../../../errors/gateway-errors.ts';
import type { ClientInfo } from '../../../http/client-info.ts';
import type { Principal } from '../../../identity/principal.ts';
import { connectionId, type Connection, type EndReason } from '../../connections/connection.ts';
import { MessageBudget } from '../../connections/message-budget.ts';
import { Outbox } from '../outbox.ts';
import { authorizationOf } from './authorization-of.ts';
import { closeCodes, closeReason } from './close-codes.ts';
import { webSocketFraming } from './frame.ts';
import { SocketIdentity } from './socket-identity.ts';
import { SocketOperations } from './socket-operations.ts';
import type { Arrival, WsContext } from './ws-context.ts';

// The protocol has no limit of its own; clients make UUIDs or numbers.
const longestId = 128;
const noPrefix = Buffer.alloc(0);

const owner = Symbol('owner');

interface OwnedSocket extends WebSocket {
  [owner]: WsConnection;
}

/**
 * One socket of graphql-transport-ws (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md): says who it is
 * once, then runs operations side by side. Its `next` frames are written around bytes that many sockets share.
 */
export class WsConnection implements Connection {
  readonly id = connectionId();
  readonly transport = 'ws';
  readonly client: ClientInfo;
  readonly openedAt = Date.now();
  readonly #context: WsContext;
  readonly #socket: WebSocket;
  readonly #budget: MessageBudget;
  readonly #identity: SocketIdentity;
  readonly #outbox: Outbox;
  readonly #operations: SocketOperations;
  #state: 'new' | 'identifying' | 'ready' | 'closing' = 'new';
  #lastActivityAt = this.openedAt;
  #lastPingAt: number;
  #closedFor = 'client';

  constructor(socket: WebSocket, wire: Duplex, arrival: Arrival, context: WsContext) {
    const { rules, schedule } = context;
    this.#socket = socket;
    this.#context = context;
    this.client = arrival.client;
    this.#identity = new SocketIdentity(arrival.headers, context);
    this.#budget = new MessageBudget(rules.messagesPerSecond, this.openedAt);
    // Sockets that opened together are not all pinged together.
    this.#lastPingAt = this.openedAt - Math.random() * (rules.pingIntervalMs / 2);
    this.#outbox = new Outbox({ wire, schedule, framing: webSocketFraming, onRoom: this.#onRoom });
    this.#operations = new SocketOperations({
      run: context.run,
      outbox: this.#outbox,
      metrics: context.connections.metrics,
      send: (message) => this.#send(message),
    });
    (socket as OwnedSocket)[owner] = this;
    socket.on('message', WsConnection.#message);
    socket.on('ping', WsConnection.#ping);
    socket.on('pong', WsConnection.#pong);
    socket.on('close', WsConnection.#closed);
    socket.on('error', WsConnection.#failed);
  }

  get principal(): Principal | undefined {
    return this.#identity.caller?.principal;
  }

  get operations(): number {
    return this.#operations.size;
  }

  get lastActivityAt(): number {
    return this.#lastActivityAt;
  }

  get bufferedBytes(): number {
    return this.#outbox.bufferedBytes;
  }

  get isEnding(): boolean {
    return this.#state === 'closing';
  }

  // What comes in

  #onMessage(data: RawData, isBinary: boolean): void {
    if (!this.#mayGoOn((data as Buffer).length)) return;
    if (isBinary) {
      this.#close(closeCodes.unsupportedData, 'Expected text, but got bytes');
      return;
    }
    this.#handle((data as Buffer).toString()).catch((error: unknown) => {
      this.#context.logger.fatal({ err: toError(error), connection: this.id }, 'a socket message failed');
      this.#close(CloseCode.InternalServerError, 'Internal server error');
    });
  }

  /** What is wrong with a frame has closed the socket already, with its code. */
  #onError(err: Error): void {
    this.#context.logger.debug({ err, connection: this.id }, 'a socket failed');
  }

  #onPing(data: Buffer): void {
    // A client that asks and does not read what we say would have us keep all of it.
    if (this.#mayGoOn(data.length) && !this.#outbox.isFull) this.#socket.pong(data);
  }

  // The listeners of all sockets: functions of its own for each would be a tenth of what one that waits takes.
  static #message(this: WebSocket, data: RawData, isBinary: boolean): void {
    (this as OwnedSocket)[owner].#onMessage(data, isBinary);
  }
  static #ping(this: WebSocket, data: Buffer): void {
    (this as OwnedSocket)[owner].#onPing(data);
  }
  static #pong(this: WebSocket): void {
    (this as OwnedSocket)[owner].#isAlive();
  }
  static #closed(this: WebSocket, code: number): void {
    (this as OwnedSocket)[owner].#onClose(code);
  }
  static #failed(this: WebSocket, error: Error): void {
    (this as OwnedSocket)[owner].#onError(error);
  }

  #mayGoOn(bytes: number): boolean {
    if (this.#state === 'closing') return false;
    this.#isAlive();
    if (this.#budget.take(this.#lastActivityAt, bytes)) return true;
    this.#close(closeCodes.policyViolation, 'Too many messages');
    return false;
  }

  #isAlive(): void {
    this.#lastActivityAt = Date.now();
  }

  async #handle(text: string): Promise<void> {
    const message = parseOrUndefined(text);
    if (!message) return this.#close(CloseCode.BadRequest, 'Invalid message received');
    switch (message.type) {
      case MessageType.ConnectionInit:
        return this.#initialise(message);
      case MessageType.Ping:
        return this.#answerPing(message);
      case MessageType.Pong:
        return undefined;
      case MessageType.Subscribe:
        return this.#subscribe(message);
      case MessageType.Complete:
        return this.#operations.complete(message.id);
      case MessageType.ConnectionAck:
      case MessageType.Next:
      case MessageType.Error:
        return this.#close(CloseCode.BadRequest, 'Expected no message of a server');
    }
  }

  // Who it is

  async #initialise({ payload }: ConnectionInitMessage): Promise<void> {
    if (this.#state !== 'new') {
      this.#close(CloseCode.TooManyInitialisationRequests, 'Too many initialisation requests');
      return;
    }
    this.#state = 'identifying';
    try {
      const { principal } = await this.#identity.establish(payload);
      if (this.#isClosing()) return;
      if (!(await this.#context.connections.identify(this, principal))) {
        this.#close(closeCodes.tryAgainLater, 'Too many connections of this user');
      }
    } catch (error: unknown) {
      this.#refuse(error);
    }
    if (this.#isClosing()) return;
    this.#state = 'ready';
    this.#send({ type: MessageType.ConnectionAck, payload: this.#identity.expiry });
  }

  #refuse(error: unknown): void {
    this.#context.connections.refuse('unauthenticated');
    const [formatted] = this.#context.report(this.id, [error]);
    // Nobody knows yet whether the token is wrong when its keys cannot be read.
    const isWrong = classifyError(error).code === 'UNAUTHENTICATED';
    const reason = formatted?.formatted.message ?? 'Forbidden';
    this.#close(isWrong ? CloseCode.Forbidden : closeCodes.tryAgainLater, reason);
  }

  async #answerPing({ payload }: PingMessage): Promise<void> {
    const authorization = this.#state === 'ready' && payload ? authorizationOf(payload) : undefined;
    const answer = authorization === undefined ? payload : await this.#renew(authorization, payload);
    this.#send({ type: MessageType.Pong, ...(answer && { payload: answer }) });
  }

  async #renew(authorization: string, payload: PingMessage['payload']): Promise<object> {
    try {
      this.#operations.refresh(await this.#identity.renew(authorization, payload));
      return this.#identity.expiry;
    } catch (error: unknown) {
      return { ...this.#identity.expiry, errors: this.#formatted(error) };
    }
  }

  // Operations

  async #subscribe({ id, payload }: SubscribeMessage): Promise<void> {
    const { caller } = this.#identity;
    const { maxOperations } = this.#context.rules;
    if (this.#state !== 'ready' || !caller) {
      this.#close(CloseCode.Unauthorized, 'Unauthorized');
    } else if (id.length > longestId) {
      this.#close(CloseCode.BadRequest, `Expected an id of at most ${longestId} characters`);
    } else if (this.#operations.has(id)) {
      this.#close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id} already exists`);
    } else if (this.#operations.size >= maxOperations) {
      this.#send({ id, type: MessageType.Error, payload: this.#formatted(tooMany(maxOperations)) });
    } else if (!this.#context.connections.endWithoutRights(this, this.#lastActivityAt)) {
      await this.#operations.start(id, payload, { caller, client: this.client });
    }
  }

  #formatted(error: unknown): readonly object[] {
    return this.#context.report(this.id, [error]).map(({ formatted }) => formatted);
  }

  // What goes out

  #send(message: object): void {
    if (this.#isClosing()) return;
    this.#outbox.push(noPrefix, Buffer.from(JSON.stringify(message)));
    // Whoever does not read what we answer is not asked for more.
    if (this.#outbox.isFull) this.#socket.pause();
  }

  // One function for the life of the socket.
  readonly #onRoom = (): void => {
    this.#isAlive();
    if (this.#socket.isPaused) this.#socket.resume();
    this.#operations.resumeReading();
  };

  // Life and end

  check(now: number): EndReason | undefined {
    const { initTimeoutMs, pingIntervalMs, idleTimeoutMs } = this.#context.rules;
    if (this.#state === 'closing') return undefined;
    if (this.#state !== 'ready') return now - this.openedAt >= initTimeoutMs ? 'uninitialised' : undefined;
    if (now - this.#lastActivityAt >= 2 * pingIntervalMs) return 'silent';
    if (this.#operations.idleMs(now) >= idleTimeoutMs) return 'idle';
    if (now - this.#lastPingAt >= pingIntervalMs && !this.#outbox.isFull) {
      this.#lastPingAt = now;
      this.#socket.ping();
    }
    return undefined;
  }

  end(reason: EndReason, reconnectAfterMs = 0): void {
    if (this.#isClosing()) return;
    this.#closedFor = reason;
    switch (reason) {
      case 'draining':
        return this.#leave(reconnectAfterMs);
      case 'expired':
        return this.#endOperations('The token has expired: sign in again');
      case 'revoked':
        return this.#endOperations('The rights of this token were taken away: sign in again');
      case 'uninitialised':
        return this.#close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout');
      case 'idle':
        return this.#close(closeCodes.normal, 'Idle');
      case 'silent':
      case 'cut':
        return this.cut();
    }
  }

  /** What is on its way to its one answer may come there: a client could not know whether its mutation was made. */
  #leave(reconnectAfterMs: number): void {
    const reason = JSON.stringify({ reconnectAfterMs });
    this.#operations.afterStarts(() => this.#close(closeCodes.serviceRestart, reason));
  }

  #endOperations(message: string): void {
    this.#operations.revokeAll(this.#context.report(this.id, [new Unauthenticated(message)]));
    this.#close(CloseCode.Forbidden, message);
  }

  cut(): void {
    this.#closedFor = this.#closedFor === 'client' ? 'cut' : this.#closedFor;
    this.#stopOperations();
    this.#socket.terminate();
    // Whoever counts need not wait for the socket to notice.
    this.#onClose(1006);
  }

  #close(code: number, reason: string): void {
    if (this.#isClosing()) return;
    if (this.#closedFor === 'client') this.#closedFor = String(code);
    this.#stopOperations();
    this.#outbox.flushNow();
    this.#socket.resume();
    this.#socket.close(code, closeReason(reason));
  }

  #isClosing(): boolean {
    return this.#state === 'closing';
  }

  #stopOperations(): void {
    this.#state = 'closing';
    this.#operations.stopAll();
  }

  #onClose(code: number): void {
    this.#stopOperations();
    this.#outbox.clear();
    const reason = this.#closedFor === 'client' ? `client ${code}` : this.#closedFor;
    this.#context.connections.remove(this, reason);
  }
}

function parseOrUndefined(text: string) {
  try {
    return parseMessage(text);
  } catch {
    return undefined;
  }
}

const tooMany = (limit: number) =>
  new RateLimited(
    `Expected at most ${limit} operations at a time on one connection, but got one more: complete another first`,
  ).with({ extensions: { limit, retryAfter: 1 } });
