import { randomUUID } from 'node:crypto';
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
import type { Arrival, WsContext } from './ws-context.ts';
import { WsOperation, type OperationOwner } from './ws-operation.ts';

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
export class WsConnection implements Connection, OperationOwner {
  readonly id = connectionId();
  readonly transport = 'ws';
  readonly client: ClientInfo;
  readonly openedAt = Date.now();
  readonly outbox: Outbox;
  readonly #context: WsContext;
  readonly #socket: WebSocket;
  readonly #budget: MessageBudget;
  readonly #identity: SocketIdentity;
  readonly #operations = new Map<string, WsOperation>();
  #state: 'new' | 'identifying' | 'ready' | 'closing' = 'new';
  #lastActivityAt = this.openedAt;
  #idleSince = this.openedAt;
  #lastPingAt: number;
  #starting = 0;
  #closedFor = 'client';
  #afterStarts: (() => void) | undefined;

  constructor(socket: WebSocket, wire: Duplex, arrival: Arrival, context: WsContext) {
    const { rules, schedule } = context;
    this.#socket = socket;
    this.#context = context;
    this.client = arrival.client;
    this.#identity = new SocketIdentity(arrival.headers, context);
    this.#budget = new MessageBudget(rules.messagesPerSecond, this.openedAt);
    // Sockets that opened together are not all pinged together.
    this.#lastPingAt = this.openedAt - Math.random() * (rules.pingIntervalMs / 2);
    this.outbox = new Outbox({ wire, schedule, framing: webSocketFraming, onRoom: this.#onRoom });
    (socket as OwnedSocket)[owner] = this;
    socket.on('message', WsConnection.#message);
    socket.on('ping', WsConnection.#ping);
    socket.on('pong', WsConnection.#pong);
    socket.on('close', WsConnection.#closed);
    socket.on('error', WsConnection.#failed);
  }

  get principal(): Principal | undefined {
    return this.#identity.principal;
  }

  get operations(): number {
    return this.#operations.size;
  }

  get lastActivityAt(): number {
    return this.#lastActivityAt;
  }

  // What comes in

  #onMessage(data: RawData, isBinary: boolean): void {
    if (!this.#mayGoOn()) return;
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
    if (this.#mayGoOn() && !this.outbox.isFull) this.#socket.pong(data);
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

  #mayGoOn(): boolean {
    if (this.#state === 'closing') return false;
    this.#isAlive();
    if (this.#budget.take(this.#lastActivityAt)) return true;
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
        return this.#complete(message.id);
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
      const principal = await this.#identity.establish(payload);
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
    const answer = authorization === undefined ? payload : await this.#renew(authorization);
    if (!this.#isClosing()) this.#send({ type: MessageType.Pong, ...(answer && { payload: answer }) });
  }

  async #renew(authorization: string): Promise<object> {
    try {
      const principal = await this.#identity.renew(authorization);
      for (const operation of this.#operations.values()) operation.refresh(principal);
      return this.#identity.expiry;
    } catch (error: unknown) {
      return { ...this.#identity.expiry, errors: this.#formatted(error) };
    }
  }

  // Operations

  async #subscribe({ id, payload }: SubscribeMessage): Promise<void> {
    const { principal } = this;
    if (this.#state !== 'ready' || !principal) {
      this.#close(CloseCode.Unauthorized, 'Unauthorized');
      return;
    }
    // It is about to be told to come back: then it asks again.
    if (this.#afterStarts) return;
    if (id.length > longestId) {
      this.#close(CloseCode.BadRequest, `Expected an id of at most ${longestId} characters`);
      return;
    }
    if (this.#operations.has(id)) {
      this.#close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id} already exists`);
      return;
    }
    if (this.#operations.size >= this.#context.rules.maxOperations) {
      this.#send({
        id,
        type: MessageType.Error,
        payload: this.#formatted(tooMany(this.#context.rules.maxOperations)),
      });
      return;
    }
    await this.#start(new WsOperation(id, this), payload, principal);
  }

  async #start(operation: WsOperation, params: unknown, principal: Principal): Promise<void> {
    this.#operations.set(operation.id, operation);
    this.#starting += 1;
    try {
      await operation.start(this.#context.run, {
        params,
        caller: { principal },
        forwardedHeaders: this.#identity.headers,
        requestId: randomUUID(),
        traceparent: undefined,
        client: this.client,
      });
    } finally {
      this.#starting -= 1;
      if (this.#starting === 0) this.#afterStarts?.();
    }
    if (operation.isSubscription) this.#context.connections.metrics.subscriptionsOpen(1);
    // It was renewed while the operation began.
    if (this.principal && this.principal !== principal) operation.refresh(this.principal);
  }

  #complete(id: string): void {
    const operation = this.#operations.get(id);
    if (!operation) return;
    this.#forget(operation);
    operation.stop();
  }

  ended(operation: WsOperation, message: object): void {
    this.#forget(operation);
    if (!this.#isClosing()) this.#send(message);
  }

  #forget(operation: WsOperation): void {
    if (this.#operations.get(operation.id) !== operation) return;
    this.#operations.delete(operation.id);
    if (operation.isSubscription) this.#context.connections.metrics.subscriptionsOpen(-1);
    this.#idleSince = Date.now();
  }

  #formatted(error: unknown): readonly object[] {
    return this.#context.report(this.id, [error]).map(({ formatted }) => formatted);
  }

  // What goes out

  #send(message: object): void {
    this.outbox.push(noPrefix, Buffer.from(JSON.stringify(message)));
    // Whoever does not read what we answer is not asked for more.
    if (this.outbox.isFull) this.#socket.pause();
  }

  // One function for the life of the socket.
  readonly #onRoom = (): void => {
    this.#isAlive();
    if (this.#socket.isPaused) this.#socket.resume();
    for (const operation of this.#operations.values()) operation.resumeReading();
  };

  // Life and end

  check(now: number): EndReason | undefined {
    const { initTimeoutMs, pingIntervalMs, idleTimeoutMs } = this.#context.rules;
    if (this.#state === 'closing') return undefined;
    if (this.#state !== 'ready') return now - this.openedAt >= initTimeoutMs ? 'uninitialised' : undefined;
    if (now - this.#lastActivityAt >= 2 * pingIntervalMs) return 'silent';
    if (this.#operations.size === 0 && now - this.#idleSince >= idleTimeoutMs) return 'idle';
    if (now - this.#lastPingAt >= pingIntervalMs && !this.outbox.isFull) {
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
    const leave = () => this.#close(closeCodes.serviceRestart, JSON.stringify({ reconnectAfterMs }));
    if (this.#starting === 0) leave();
    else this.#afterStarts = leave;
  }

  #endOperations(message: string): void {
    const payload = this.#formatted(new Unauthenticated(message));
    for (const { id } of this.#operations.values()) this.#send({ id, type: MessageType.Error, payload });
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
    this.outbox.flushNow();
    this.#socket.resume();
    this.#socket.close(code, closeReason(reason));
  }

  #isClosing(): boolean {
    return this.#state === 'closing';
  }

  #stopOperations(): void {
    this.#state = 'closing';
    for (const operation of this.#operations.values()) {
      this.#forget(operation);
      operation.stop();
    }
  }

  #onClose(code: number): void {
    this.#stopOperations();
    this.outbox.clear();
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
