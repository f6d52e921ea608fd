import { Socket } from 'node:net';

import { createClient, type Client } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';

import { openReadySocket, openSocket } from '../support/open-socket.ts';
import { startTransports, type RunningTransports } from '../support/start-transports.ts';

let transports: RunningTransports;
beforeAll(async () => {
  transports = await startTransports({ forwardedHeaders: ['x-tenant', 'cookie'] });
});
afterAll(() => transports?.stop());

const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});
const connect = (connectionParams: Record<string, unknown> = {}): Client => {
  const client = createClient({ url: transports.wsUrl, webSocketImpl: WebSocket, connectionParams });
  clients.push(client);
  return client;
};

/** The operations that a test began, whatever ran before it. */
const begun = async (count: number, since: number) =>
  (await transports.operations.begun(since + count)).slice(since);

const init = { type: 'connection_init' };
const subscription = { query: 'subscription { a }' };

describe("graphql-ws's client", () => {
  it('gets the answer of a query', async () => {
    const results = connect().iterate({ query: 'query { a }', variables: { b: 'é' } });
    expect((await results.next()).value).toEqual({ data: { variables: { b: 'é' } } });
    expect((await results.next()).done).toBe(true);
  });

  it('gets the results of a subscription in their order, however large, and its end', async () => {
    const since = transports.operations.all.length;
    const results = connect().iterate(subscription);
    const first = results.next();
    const [operation] = await begun(1, since);
    const texts = [10, 120, 130, 66_000, 70_000].map((length) => 'x'.repeat(length));
    for (const text of texts) operation?.next({ text }, 'c');
    operation?.sink.end();
    const got = [(await first).value];
    for await (const result of results) got.push(result);
    expect(got).toEqual(texts.map((text) => ({ data: { text }, extensions: { event: { cursor: 'c' } } })));
  });

  it('is told why an operation was refused, and goes on with others', async () => {
    const client = connect();
    const refused = client.iterate({ query: 'nonsense' });
    await expect(refused.next()).rejects.toMatchObject([
      { message: 'This is refused', extensions: { code: 'BAD_REQUEST' } },
    ]);
    const results = client.iterate({ query: 'query { a }' });
    expect((await results.next()).value).toMatchObject({ data: {} });
  });

  it('runs many operations on one socket, and ends each alone', async () => {
    const since = transports.operations.all.length;
    const opened = transports.counts.opened.length;
    const client = connect();
    const iterators = ['a', 'b'].map((name) => client.iterate({ query: `subscription { ${name} }` }));
    const firsts = iterators.map((iterator) => iterator.next());
    const operations = await begun(2, since);
    expect(transports.counts.opened.length - opened).toBe(1);
    for (const operation of operations) operation.next((operation.request.params as { query: string }).query);
    expect((await Promise.all(firsts)).map(({ value }) => value as unknown)).toEqual([
      { data: 'subscription { a }' },
      { data: 'subscription { b }' },
    ]);
    const second = iterators[1]?.next();
    await iterators[0]?.return?.();
    const stopped = operations.find(({ request }) => JSON.stringify(request.params).includes('{ a }'));
    await expect.poll(() => stopped?.isStopped).toBe(true);
    const other = operations.find((operation) => operation !== stopped);
    expect(other?.isStopped).toBe(false);
    other?.next('still here');
    expect((await second)?.value).toEqual({ data: 'still here' });
  });

  it.each([
    ['authorization', (token: string) => ({ authorization: `Bearer ${token}` })],
    ['Authorization', (token: string) => ({ Authorization: `Bearer ${token}` })],
    ['authToken', (token: string) => ({ authToken: token })],
    ['headers', (token: string) => ({ headers: { Authorization: `Bearer ${token}` } })],
  ])('says who it is as %s', async (_place, paramsOf) => {
    const since = transports.operations.all.length;
    const client = connect({ ...paramsOf(await transports.sign()), 'x-tenant': 't1', 'x-other': 'o' });
    await client.iterate({ query: 'query { a }' }).next();
    const [operation] = await begun(1, since);
    expect(operation?.request).toMatchObject({
      caller: { principal: { sub: 'u1', roles: ['USER'] } },
      forwardedHeaders: { 'x-tenant': 't1' },
      client: { ip: '127.0.0.1' },
    });
  });

  it('is turned away with a token that is wrong, and may try again with another', async () => {
    const client = createClient({
      url: transports.wsUrl,
      webSocketImpl: WebSocket,
      connectionParams: { authToken: 'nonsense' },
      retryAttempts: 0,
    });
    clients.push(client);
    await expect(client.iterate(subscription).next()).rejects.toMatchObject({
      code: 4403,
      reason: 'The token is not one of this endpoint: sign in again',
    });
  });
});

describe('close codes', () => {
  const bad = ['Invalid message received'] as const;
  it.each([
    ['4400 for what is not JSON', ['nonsense'], 4400, ...bad],
    ['4400 for another JSON value', ['[]'], 4400, ...bad],
    ['4400 for a type that there is not', [{ type: 'start', id: '1' }], 4400, ...bad],
    [
      '4400 for a message of a server',
      [init, { type: 'next', id: '1', payload: {} }],
      4400,
      'Expected no message of a server',
    ],
    ['4400 for an empty id', [init, { type: 'subscribe', id: '', payload: subscription }], 4400, ...bad],
    ['4400 for a number as id', [init, { type: 'subscribe', id: 1, payload: subscription }], 4400, ...bad],
    ['4400 for no query', [init, { type: 'subscribe', id: '1', payload: {} }], 4400, ...bad],
    [
      '4400 for an endless id',
      [init, 'ack', { type: 'subscribe', id: 'x'.repeat(129), payload: subscription }],
      4400,
      'Expected an id of at most 128 characters',
    ],
    ['4401 before an init', [{ type: 'subscribe', id: '1', payload: subscription }], 4401, 'Unauthorized'],
    [
      '4401 before the acknowledgement',
      [
        { ...init, payload: { authToken: 'x' } },
        { type: 'subscribe', id: '1', payload: subscription },
      ],
      4401,
      'Unauthorized',
    ],
    ['4429 for a second init', [init, 'ack', init], 4429, 'Too many initialisation requests'],
    ['4429 for two at once', [init, init], 4429, 'Too many initialisation requests'],
    [
      '4409 for an id that is in use',
      [
        init,
        'ack',
        { type: 'subscribe', id: '__proto__', payload: subscription },
        { type: 'subscribe', id: '__proto__', payload: subscription },
      ],
      4409,
      'Subscriber for __proto__ already exists',
    ],
  ])('are %s', async (_title, messages, code, reason) => {
    const { send, message, closed } = await openSocket(transports.wsUrl);
    for (const each of messages) {
      if (each === 'ack') await message();
      else send(each);
    }
    expect(await closed).toEqual({ code, reason });
  });

  it.each([['graphql-ws'], ['soap']])('are 4406 for the protocol %s', async (protocol) => {
    const { closed } = await openSocket(transports.wsUrl, { protocol });
    expect(await closed).toEqual({ code: 4406, reason: 'Subprotocol not acceptable' });
  });

  it('are 1003 for bytes', async () => {
    const { socket, closed } = await openSocket(transports.wsUrl);
    socket.send(Buffer.from(JSON.stringify(init)));
    expect((await closed).code).toBe(1003);
  });
});

describe('a socket', () => {
  it('tolerates the end of an operation that is not there', async () => {
    const { send, message } = await openReadySocket(transports.wsUrl);
    send({ type: 'complete', id: 'none' });
    send({ type: 'pong' });
    send({ type: 'ping', payload: { a: 1 } });
    expect(await message()).toEqual({ type: 'pong', payload: { a: 1 } });
  });

  it('takes an id again when its operation is over', async () => {
    const { send, message } = await openReadySocket(transports.wsUrl);
    for (let times = 0; times < 2; times += 1) {
      send({ type: 'subscribe', id: '1', payload: { query: 'query { a }' } });
      expect([await message(), await message()]).toMatchObject([{ type: 'next' }, { type: 'complete' }]);
    }
  });

  it('sends nothing of an operation that its client has ended', async () => {
    const since = transports.operations.all.length;
    const { send, message, received } = await openReadySocket(transports.wsUrl);
    send({ type: 'subscribe', id: '1', payload: subscription });
    const [operation] = await begun(1, since);
    send({ type: 'complete', id: '1' });
    await expect.poll(() => operation?.isStopped).toBe(true);
    expect(operation?.request.signal.aborted).toBe(true);
    operation?.next('late');
    operation?.sink.end();
    send({ type: 'ping' });
    await message();
    expect(received.map(({ type }) => type)).toEqual(['connection_ack', 'pong']);
  });

  it('stops an operation that its client ended while it began', async () => {
    const since = transports.operations.all.length;
    const release = transports.operations.hold();
    const { send, message } = await openReadySocket(transports.wsUrl);
    send({ type: 'subscribe', id: '1', payload: { query: 'query { a }' } });
    const [operation] = await begun(1, since);
    send({ type: 'complete', id: '1' });
    send({ type: 'ping' });
    expect(await message()).toEqual({ type: 'pong' });
    expect(operation?.request.signal.aborted).toBe(true);
    release();
    await expect.poll(() => operation?.isStopped).toBe(true);
  });

  it('writes what comes together in few pieces', async () => {
    const since = transports.operations.all.length;
    const { send, message } = await openReadySocket(transports.wsUrl);
    send({ type: 'subscribe', id: '1', payload: subscription });
    const [operation] = await begun(1, since);
    const write = vi.spyOn(Socket.prototype, 'write');
    for (let index = 0; index < 200; index += 1) operation?.next({ index });
    for (let index = 0; index < 200; index += 1) {
      expect(await message()).toEqual({ id: '1', type: 'next', payload: { data: { index } } });
    }
    // Not those of the client, which are masked.
    const ours = write.mock.calls.filter(
      ([bytes]) => Buffer.isBuffer(bytes) && bytes[0] === 0x81 && (bytes[1] ?? 0) < 128,
    );
    write.mockRestore();
    expect(ours.length).toBeLessThan(5);
  });
});
