import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';

import { createClient } from 'graphql-ws';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { openReadySocket, openSocket } from '../support/open-socket.ts';
import {
  startTransports,
  type RunningTransports,
  type TransportsSettings,
} from '../support/start-transports.ts';

const started: RunningTransports[] = [];
const start = async (settings: TransportsSettings = {}): Promise<RunningTransports> => {
  const transports = await startTransports(settings);
  started.push(transports);
  return transports;
};
afterEach(async () => {
  await Promise.all(started.splice(0).map((transports) => transports.stop()));
});

const subscribe = (id: string) => ({ type: 'subscribe', id, payload: { query: 'subscription { a }' } });

describe('time', () => {
  it('ends a socket that does not say who it is, with 4408', async () => {
    const { wsUrl } = await start({ env: { CONNECTION_INIT_TIMEOUT_MS: '100' } });
    const { closed } = await openSocket(wsUrl);
    expect(await closed).toEqual({ code: 4408, reason: 'Connection initialisation timeout' });
  });

  it('pings, and cuts off who does not answer', async () => {
    const { wsUrl, counts, closed } = await start({ env: { PING_INTERVAL_MS: '100' } });
    const [alive, dead] = await Promise.all([
      openReadySocket(wsUrl),
      openReadySocket(wsUrl, {}, { autoPong: false }),
    ]);
    let pings = 0;
    alive.socket.on('ping', () => (pings += 1));
    expect((await dead.closed).code).toBe(1006);
    await closed(1);
    expect(counts.closed).toEqual(['ws: silent']);
    await expect.poll(() => pings).toBeGreaterThan(2);
    expect(alive.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('closes a socket on which nothing runs, and none on which something does', async () => {
    const { wsUrl, operations } = await start({ env: { CONNECTION_IDLE_TIMEOUT_MS: '200' } });
    const [busy, idle] = await Promise.all([openReadySocket(wsUrl), openReadySocket(wsUrl)]);
    busy.send(subscribe('1'));
    await operations.begun(1);
    expect(await idle.closed).toEqual({ code: 1000, reason: 'Idle' });
    expect(busy.socket.readyState).toBe(WebSocket.OPEN);
    busy.send({ type: 'complete', id: '1' });
    expect((await busy.closed).code).toBe(1000);
  });
});

describe('rights', () => {
  it('end with the token: operations say so, and the socket closes with 4403', async () => {
    const { wsUrl, sign, operations, log } = await start();
    const { send, message, closed } = await openReadySocket(wsUrl, {
      authToken: await sign({}, { expiresIn: '2s' }),
    });
    send(subscribe('1'));
    const [operation] = await operations.begun(1);
    expect(await message()).toMatchObject({
      id: '1',
      type: 'error',
      payload: [{ message: 'The token has expired: sign in again', extensions: { code: 'UNAUTHENTICATED' } }],
    });
    expect(await closed).toEqual({ code: 4403, reason: 'The token has expired: sign in again' });
    expect(operation?.isStopped).toBe(true);
    expect(log).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        msg: 'a connection lost its rights',
        reason: 'expired',
        user: { id: 'u1' },
      }),
    );
  });

  it('last as long as a token that was renewed by a ping, which is told to what runs', async () => {
    const { wsUrl, sign, operations } = await start();
    const { send, message, socket } = await openReadySocket(wsUrl, {
      authToken: await sign({}, { expiresIn: '2s' }),
    });
    send(subscribe('1'));
    const [operation] = await operations.begun(1);
    const oldExpiry = operation?.principals[0]?.expiresAt ?? 0;
    send({ type: 'ping', payload: { authorization: `Bearer ${await sign({ roles: ['ADMIN'] })}` } });
    const { payload } = await message();
    const { expiresAt } = payload as { expiresAt: number };
    expect(expiresAt).toBeGreaterThan(oldExpiry + 200);
    expect(operation?.principals.at(-1)).toMatchObject({ sub: 'u1', roles: ['ADMIN'], expiresAt });
    const later = new Date((oldExpiry + 10) * 1000).getTime();
    for (const connection of started[0]?.connections ?? []) {
      expect(connection.check(later)).toBeUndefined();
      expect(connection.principal?.expiresAt).toBe(expiresAt);
    }
    expect(socket.readyState).toBe(WebSocket.OPEN);
  });

  it.each([
    ['of another user', { sub: 'u2' }, 'The token is of another user: open a connection of its own for it'],
    ['that is wrong', undefined, 'The token is not one of this endpoint: sign in again'],
  ])('are not renewed by a token %s', async (_title, claims, text) => {
    const { wsUrl, sign, operations } = await start();
    const { send, message } = await openReadySocket(wsUrl, { authToken: await sign() });
    send(subscribe('1'));
    const [operation] = await operations.begun(1);
    const token = claims ? await sign(claims) : 'nonsense';
    send({ type: 'ping', payload: { authorization: `Bearer ${token}` } });
    expect(await message()).toMatchObject({
      type: 'pong',
      payload: { errors: [{ message: text }], expiresAt: operation?.principals[0]?.expiresAt },
    });
    expect(operation?.principals).toHaveLength(1);
  });

  it('are those of the token that was sent last, whichever is verified first', async () => {
    const { wsUrl, sign, operations } = await start();
    const [known, unknown] = [await sign({ roles: ['USER'] }), await sign({ roles: ['ADMIN'] })];
    await openReadySocket(wsUrl, { authToken: known });
    const { send, message } = await openReadySocket(wsUrl, { authToken: await sign({ roles: [] }) });
    send(subscribe('1'));
    const [operation] = await operations.begun(1);
    for (const token of [unknown, known])
      send({ type: 'ping', payload: { authorization: `Bearer ${token}` } });
    await Promise.all([message(), message()]);
    expect(operation?.principals.at(-1)?.roles).toEqual(['USER']);
  });

  it('that are renewed leave nothing of who asked before in what goes on to subgraphs', async () => {
    const { wsUrl, sign, operations } = await start({
      forwardedHeaders: ['authorization', 'cookie', 'x-tenant', 'x-app'],
    });
    const [before, after] = [await sign({ roles: ['ADMIN'] }), await sign()];
    const { send, message } = await openReadySocket(
      wsUrl,
      { authorization: ` Bearer ${before} `, 'x-tenant': 't1', 'x-app': 'a' },
      { headers: { cookie: 'session=1' } },
    );
    send(subscribe('1'));
    const [operation] = await operations.begun(1);
    send({ type: 'ping', payload: { authorization: `Bearer ${after} `, 'x-tenant': 't2' } });
    await message();
    send(subscribe('2'));
    const [, second] = await operations.begun(2);
    const renewed = { authorization: `Bearer ${after}`, 'x-tenant': 't2', 'x-app': 'a' };
    expect(operation?.forwarded).toEqual([
      { authorization: `Bearer ${before}`, cookie: 'session=1', 'x-tenant': 't1', 'x-app': 'a' },
      renewed,
    ]);
    expect(second?.forwarded).toEqual([renewed]);
  });

  it('that are taken away end what runs, of that user alone', async () => {
    const { wsUrl, sign, connections, counts, closed } = await start();
    const token = { authToken: await sign() };
    const [first, second] = await Promise.all([openReadySocket(wsUrl, token), openReadySocket(wsUrl, token)]);
    const anonymous = await openReadySocket(wsUrl);
    expect([...connections.users()]).toEqual(['u1']);
    expect(connections.revoke('u1')).toBe(2);
    expect((await first.closed).code).toBe(4403);
    expect((await second.closed).reason).toBe('The rights of this token were taken away: sign in again');
    await closed(2);
    expect(counts.closed).toEqual(['ws: revoked', 'ws: revoked']);
    expect([anonymous.socket.readyState, connections.revoke('u1'), [...connections.users()]]).toEqual([
      WebSocket.OPEN,
      0,
      [],
    ]);
  });

  it('that are gone begin nothing more, also before anybody has looked', async () => {
    const revoked = new Set<string>();
    const { wsUrl, sign, operations } = await start({ isRevoked: (sub) => revoked.has(sub ?? '') });
    const { send, closed } = await openReadySocket(wsUrl, { authToken: await sign() });
    revoked.add('u1');
    send(subscribe('1'));
    expect((await closed).code).toBe(4403);
    expect(operations.all).toEqual([]);
  });

  it('are asked of whoever keeps a list of those that were taken away', async () => {
    const revoked = new Set<string>();
    const { wsUrl, sign } = await start({ isRevoked: (sub) => revoked.has(sub ?? '') });
    const { closed } = await openReadySocket(wsUrl, { authToken: await sign() });
    revoked.add('u1');
    expect((await closed).code).toBe(4403);
  });
});

describe('limits', () => {
  it('refuse sockets above the total and per address, and give places back', async () => {
    const { wsUrl, counts, closed } = await start({ env: { MAX_CONNECTIONS: '2' } });
    const [first] = await Promise.all([openSocket(wsUrl), openSocket(wsUrl)]);
    await expect(openSocket(wsUrl)).rejects.toThrow('Unexpected server response: 503');
    first?.socket.close();
    await closed(1);
    await openSocket(wsUrl);
    expect(counts.refused).toEqual(['total']);
    const other = await start({ env: { MAX_CONNECTIONS_PER_IP: '1' } });
    await openSocket(other.wsUrl);
    await expect(openSocket(other.wsUrl)).rejects.toThrow('Unexpected server response: 429');
  });

  it('tell addresses apart behind proxies of ours only', async () => {
    const from = (ip: string) => ({ headers: { 'x-forwarded-for': ip } });
    const { wsUrl } = await start({ env: { MAX_CONNECTIONS_PER_IP: '1', TRUSTED_PROXIES: '1' } });
    await openSocket(wsUrl, from('6.6.6.6, 1.1.1.1'));
    await openSocket(wsUrl, from('6.6.6.6, 1.1.1.2'));
    await expect(openSocket(wsUrl, from('6.6.6.7, 1.1.1.1'))).rejects.toThrow('429');
  });

  it('send a user away who has too many sockets, with 1013', async () => {
    const { wsUrl, sign, closed } = await start({ env: { MAX_CONNECTIONS_PER_USER: '1' } });
    const payload = { authToken: await sign() };
    const first = await openReadySocket(wsUrl, payload);
    const second = await openSocket(wsUrl);
    second.send({ type: 'connection_init', payload });
    expect(await second.closed).toEqual({ code: 1013, reason: 'Too many connections of this user' });
    first.socket.close();
    await closed(2);
    await openReadySocket(wsUrl, payload);
  });

  it('refuse an operation too many, and leave the socket', async () => {
    const { wsUrl, operations } = await start({ env: { MAX_OPERATIONS_PER_CONNECTION: '2' } });
    const { send, message } = await openReadySocket(wsUrl);
    for (const id of ['1', '2', '3']) send(subscribe(id));
    expect(await message()).toMatchObject({
      id: '3',
      type: 'error',
      payload: [{ extensions: { code: 'RATE_LIMITED', limit: 2, retryAfter: 1 } }],
    });
    send({ type: 'complete', id: '1' });
    send(subscribe('3'));
    await operations.begun(3);
  });

  it('end a flood of messages with 1008, and one of pings', async () => {
    const { wsUrl } = await start({ env: { MAX_MESSAGES_PER_SECOND: '5' } });
    const flood = await openReadySocket(wsUrl);
    for (let times = 0; times < 40; times += 1) flood.send({ type: 'complete', id: String(times) });
    expect(await flood.closed).toEqual({ code: 1008, reason: 'Too many messages' });
    const pings = await openReadySocket(wsUrl);
    for (let times = 0; times < 40; times += 1) pings.socket.ping();
    expect((await pings.closed).code).toBe(1008);
    const long = await openReadySocket(wsUrl);
    for (let times = 0; times < 5; times += 1) {
      long.send({ type: 'complete', id: '1'.repeat(100_000) });
    }
    expect((await long.closed).code).toBe(1008);
  });

  it('end a message that is too large with 1009, however it is cut', async () => {
    const { wsUrl } = await start({ env: { MAX_MESSAGE_BYTES: '1024' } });
    const whole = await openReadySocket(wsUrl);
    whole.send({ type: 'ping', payload: { text: 'x'.repeat(1100) } });
    expect((await whole.closed).code).toBe(1009);
    const pieces = await openReadySocket(wsUrl);
    for (let times = 0; times < 3; times += 1) pieces.socket.send('x'.repeat(500), { fin: false });
    expect((await pieces.closed).code).toBe(1009);
  });
});

describe('short memory', () => {
  it('lets nobody else in, says so by a code, and leaves those alone who are there', async () => {
    let usedMb = 90;
    const { wsUrl, url, connections, counts, log, operations } = await start({
      env: { MEMORY_PRESSURE_MB: '100' },
      usedMemory: () => usedMb * 2 ** 20,
    });
    const { send, socket } = await openReadySocket(wsUrl);
    usedMb = 101;
    connections.check(Date.now());
    const late = await openSocket(wsUrl);
    expect(await late.closed).toEqual({ code: 1013, reason: 'Short of memory: try again later' });
    const stream = await fetch(url, {
      method: 'POST',
      headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'subscription { a }' }),
    });
    expect([stream.status, stream.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await stream.json()).toMatchObject({ errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] });
    send(subscribe('1'));
    await operations.begun(1);
    expect([socket.readyState, connections.size, counts.refused]).toEqual([
      WebSocket.OPEN,
      1,
      ['memory', 'memory'],
    ]);
    usedMb = 99;
    connections.check(Date.now());
    await openReadySocket(wsUrl);
    const warnings = log.filter(({ msg }) => msg.includes('memory'));
    expect(warnings.map(({ level }) => level)).toEqual(['warn', 'warn']);
  });
});

describe('frames that nobody should send', () => {
  const masked = (first: number, payload: Buffer): Buffer =>
    Buffer.concat([Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
  it.each([
    ['bits that mean nothing', masked(0xf1, Buffer.from('x')), 1002],
    ['an opcode that there is not', masked(0x83, Buffer.from('x')), 1002],
    ['no mask', Buffer.from([0x81, 1, 0x78]), 1002],
    ['text that is not UTF-8', masked(0x81, Buffer.from([0xc3, 0x28])), 1007],
    ['an endless ping', Buffer.concat([Buffer.from([0x89, 0xfe, 0xff, 0xff, 0, 0, 0, 0])]), 1002],
    ['a continuation of nothing', masked(0x80, Buffer.from('x')), 1002],
  ])('end the socket alone: %s', async (_title, bytes, code) => {
    const { wsUrl, connections } = await start();
    const [good, bad] = await Promise.all([openReadySocket(wsUrl), openReadySocket(wsUrl)]);
    (bad.socket as unknown as { _socket: Socket })._socket.write(bytes);
    expect((await bad.closed).code).toBe(code);
    good.send({ type: 'ping' });
    expect(await good.message()).toEqual({ type: 'pong' });
    await expect.poll(() => connections.size).toBe(1);
  });
});

describe('a client that does not read', () => {
  it('is told to wait, keeps no more than a bounded queue, and hears the rest when it reads', async () => {
    const { wsUrl, operations } = await start();
    const { send, message, socket } = await openReadySocket(wsUrl);
    send(subscribe('1'));
    const [operation] = await operations.begun(1);
    socket.pause();
    const text = 'x'.repeat(10_000);
    let sent = 0;
    const sendOne = () => operation?.next({ index: (sent += 1), text });
    // The kernel takes the first megabytes.
    for (let times = 0; times < 50; times += 1) {
      while (sendOne()) if (sent % 20 === 0) await new Promise(setImmediate);
      await new Promise(setImmediate);
    }
    expect(sendOne()).toBe(false);
    const resumed = operation?.resumed ?? 0;
    socket.resume();
    for (let index = 1; index <= sent; index += 1) {
      expect(((await message())['payload'] as { data: object }).data).toEqual({ index, text });
    }
    await expect.poll(() => operation?.resumed).toBeGreaterThan(resumed);
  });

  it('is not read either once its answers pile up', async () => {
    const { wsUrl, connections } = await start({ env: { MAX_MESSAGES_PER_SECOND: '100000' } });
    const { socket, send } = await openReadySocket(wsUrl);
    socket.pause();
    const ping = { type: 'ping', payload: { text: 'x'.repeat(100_000) } };
    for (let times = 0; times < 200; times += 1) send(ping);
    const [connection] = [...connections];
    await expect.poll(() => connection?.bufferedBytes).toBeGreaterThan(0);
    // 20 MB were asked for.
    expect(connection?.bufferedBytes).toBeLessThan(1_000_000);
    socket.terminate();
    await expect.poll(() => connections.size).toBe(0);
  });
});

describe('pages', () => {
  const origin = (value: string, headers: Record<string, string> = {}) => ({ origin: value, headers });

  it('open sockets from listed origins and from our own, and from no others', async () => {
    const { wsUrl, counts, log } = await start({
      corsOrigins: ['https://app.example', 'http://localhost:*'],
    });
    const own = wsUrl.replace('ws:', 'http:').replace('/graphql', '');
    for (const allowed of ['https://app.example', 'http://localhost:3000', own]) {
      await openReadySocket(wsUrl, {}, origin(allowed));
    }
    for (const refused of [
      'https://evil.example',
      'null',
      'https://app.example.evil.example',
      'http://localhost:1x',
    ]) {
      await expect(openSocket(wsUrl, origin(refused))).rejects.toThrow('Unexpected server response: 403');
    }
    expect(counts.refused).toEqual(['origin', 'origin', 'origin', 'origin']);
    expect(log).toContainEqual(expect.objectContaining({ level: 'warn', origin: 'https://evil.example' }));
  });

  it('use no cookie of their user where every origin may call', async () => {
    const { wsUrl, operations } = await start({
      corsOrigins: ['*'],
      forwardedHeaders: ['cookie', 'x-tenant'],
    });
    const cookie = { cookie: 'session=1', 'x-tenant': 't' };
    const page = await openReadySocket(wsUrl, {}, origin('https://evil.example', cookie));
    page.send(subscribe('1'));
    const program = await openReadySocket(wsUrl, {}, { headers: cookie });
    await operations.begun(1);
    program.send(subscribe('1'));
    const [first, second] = await operations.begun(2);
    expect(first?.request.forwardedHeaders).toEqual({ 'x-tenant': 't' });
    expect(second?.request.forwardedHeaders).toEqual(cookie);
  });
});

describe('an upgrade', () => {
  it('to something else is answered as a request', async () => {
    const { url } = await start();
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    const headers = {
      connection: 'Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABkAAQAAP__',
    };
    httpRequest(url, { headers }, (response) => resolve(response.resume().statusCode)).end();
    expect(await promise).toBe(200);
  });

  it('elsewhere finds nothing', async () => {
    const { wsUrl } = await start();
    await expect(openSocket(`${wsUrl}/other`)).rejects.toThrow('404');
  });

  it('that breaks off holds no place', async () => {
    const { url, wsUrl } = await start({ env: { MAX_CONNECTIONS: '1' } });
    const { port } = new URL(url);
    for (let times = 0; times < 5; times += 1) {
      const socket = connect(Number(port), '127.0.0.1');
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.on('error', () => undefined);
      socket.write(
        'GET /graphql HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n' +
          'sec-websocket-version: 13\r\nsec-websocket-key: short\r\n\r\n',
      );
      socket.resume();
      await closed;
    }
    expect((await openSocket(wsUrl)).socket.readyState).toBe(WebSocket.OPEN);
  });
});

describe('a drain', () => {
  it('sends sockets away with 1012 and a time of its own for each to come back', async () => {
    const transports = await startTransports();
    const sockets = await Promise.all(Array.from({ length: 20 }, () => openReadySocket(transports.wsUrl)));
    await transports.stop();
    const closes = await Promise.all(sockets.map(({ closed }) => closed));
    expect(new Set(closes.map(({ code }) => code))).toEqual(new Set([1012]));
    const hints = closes.map(
      ({ reason }) => (JSON.parse(reason) as { reconnectAfterMs: number }).reconnectAfterMs,
    );
    expect(Math.max(...hints)).toBeLessThanOrEqual(5000);
    expect(new Set(hints).size).toBeGreaterThan(10);
  });

  it('lets an answer that is on its way come there, and begins nothing new', async () => {
    const transports = await startTransports();
    const { operations } = transports;
    const release = operations.hold();
    const { send, message, closed } = await openReadySocket(transports.wsUrl);
    send({ type: 'subscribe', id: '1', payload: { query: 'query { a }' } });
    await operations.begun(1);
    const stopped = transports.stop();
    send({ type: 'subscribe', id: '2', payload: { query: 'query { b }' } });
    send({ type: 'ping' });
    expect(await message()).toEqual({ type: 'pong' });
    release();
    expect([await message(), await message()]).toMatchObject([
      { id: '1', type: 'next' },
      { id: '1', type: 'complete' },
    ]);
    expect((await closed).code).toBe(1012);
    expect(operations.all).toHaveLength(1);
    await stopped;
  });

  it('cuts off who does not go', async () => {
    const transports = await startTransports();
    const { socket } = await openReadySocket(transports.wsUrl);
    socket.pause();
    await transports.stop();
    expect(transports.counts.closed).toEqual(['ws: draining']);
  });

  it("lets graphql-ws's client come back to another, and subscribe anew", async () => {
    const [first, second] = [await startTransports(), await start()];
    let { wsUrl } = first;
    const client = createClient({
      url: () => wsUrl,
      webSocketImpl: WebSocket,
      retryWait: async () => undefined,
    });
    const results = client.iterate({ query: 'subscription { a }' });
    const result = results.next();
    await first.operations.begun(1);
    ({ wsUrl } = second);
    await first.stop();
    const [operation] = await second.operations.begun(1);
    operation?.next('back');
    expect((await result).value).toEqual({ data: 'back' });
    await client.dispose();
  });
});

it('leaves nothing behind, however rudely clients go', async () => {
  const { wsUrl, connections, counts, operations, closed, sign } = await start({
    env: { MAX_CONNECTIONS_PER_USER: '1000' },
  });
  const payload = { authToken: await sign() };
  for (let round = 1; round <= 3; round += 1) {
    const sockets = await Promise.all(Array.from({ length: 20 }, () => openReadySocket(wsUrl, payload)));
    for (const { send } of sockets) for (let id = 0; id < 5; id += 1) send(subscribe(String(id)));
    await operations.begun(round * 100);
    await expect.poll(() => counts.running).toBe(100);
    sockets.forEach(({ socket }, index) => (index % 2 === 0 ? socket.terminate() : socket.close()));
    await closed(round * 20);
    await operations.stopped(round * 100);
    await expect.poll(() => [connections.size, [...connections.users()], counts.running]).toEqual([0, [], 0]);
  }
});
