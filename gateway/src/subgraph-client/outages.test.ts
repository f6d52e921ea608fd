import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, describe, expect, it } from 'vitest';

import {
  SubgraphClient,
  type FetchContext,
  type SubgraphClientOptions,
  type SubgraphRequest,
} from './subgraph-client.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const listen = (server: Server, port = 0) =>
  new Promise<number>((resolve) => {
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
const close = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

const answer: RequestListener = (_request, response) =>
  response.setHeader('content-type', 'application/json').end('{"data":{"a":1}}');
const hangUp: RequestListener = (_request, response) => response.destroy();
const reset: RequestListener = ({ socket }) => socket.resetAndDestroy();
const say =
  (status: number, body = '<h1>Nobody is here</h1>', type = 'text/html'): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': type }).end(body);
const breakOff: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
  response.write('{"data":', () => response.destroy());
};

/** A subgraph that does one thing after the other, and then answers; and a client that counts. */
async function start(behaviour: readonly RequestListener[], options: Partial<SubgraphClientOptions> = {}) {
  const todo = [...behaviour];
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    (todo.shift() ?? answer)(request, response);
  });
  const port = await listen(server);
  closers.push(() => close(server));
  const counts = { sent: 0, retried: 0 };
  const changes: boolean[] = [];
  const client = new SubgraphClient({
    fetchTimeoutMs: 20_000,
    onRequest: () => (counts.sent += 1),
    onRetry: () => (counts.retried += 1),
    onBreaker: (_subgraph, isOpen) => changes.push(isOpen),
    ...options,
  });
  closers.push(() => client.stop());
  const address = { name: 'a', url: `http://127.0.0.1:${port}/graphql` };
  const fetch = (request: Partial<SubgraphRequest> = {}, context: Partial<FetchContext> = {}) =>
    client.fetch(
      address,
      { body: '{"query":"{ a }"}', operationType: 'query', carriesIdentity: false, ...request },
      { requestId: 'r', identityProjection: '', signal: new AbortController().signal, ...context },
    );
  const doNext = (...more: readonly RequestListener[]) => void todo.push(...more);
  return { client, server, port, address, counts, changes, fetch, doNext, requests: () => requests };
}

const mutation = { body: '{"query":"mutation { a }"}', operationType: 'mutation' } as const;
const unavailable = { code: 'SUBGRAPH_UNAVAILABLE' };
const data = { data: { a: 1 } };

describe('a query of which nothing came', () => {
  it.each([
    ['the connection was closed', hangUp],
    ['the connection was reset', reset],
    ['a proxy said 502', say(502)],
    ['a proxy said 503', say(503)],
    ['a proxy said 504 in JSON', say(504, '{"message":"no upstream"}', 'application/json')],
  ])('is sent again when %s', async (_what, behaviour) => {
    const { fetch, counts, requests } = await start([behaviour]);
    expect(await fetch()).toEqual(data);
    expect([counts, requests()]).toEqual([{ sent: 2, retried: 1 }, 2]);
  });

  it('is sent again when it was refused, and answered by whoever listens by then', async () => {
    const back = createServer(answer);
    let isBack = false;
    const { server, port, fetch } = await start([], {
      retries: 10,
      onRetry: () => {
        if (!isBack) void listen(back, port);
        isBack = true;
      },
    });
    await close(server);
    closers.push(() => close(back));
    expect(await fetch()).toEqual(data);
    expect(isBack).toBe(true);
  });

  it('is sent again once for all who share it', async () => {
    const { fetch, counts, requests } = await start([hangUp]);
    expect(await Promise.all([fetch(), fetch(), fetch()])).toEqual([data, data, data]);
    expect([counts, requests()]).toEqual([{ sent: 2, retried: 1 }, 2]);
  });

  it('is sent again as often as it may be, and fails as it would have at first', async () => {
    const { fetch, requests } = await start([hangUp, hangUp, hangUp, hangUp], { retries: 2 });
    await expect(fetch()).rejects.toMatchObject({
      ...unavailable,
      message: 'Subgraph "a" broke off, or did not answer in HTTP',
    });
    expect(requests()).toBe(3);
  });

  it('is not sent again where that is turned off', async () => {
    const { fetch, counts } = await start([hangUp], { retries: 0 });
    await expect(fetch()).rejects.toMatchObject(unavailable);
    expect(counts).toEqual({ sent: 1, retried: 0 });
  });

  it('is not sent again when nobody waits for it any more', async () => {
    const leaving = new AbortController();
    const { fetch, counts, requests } = await start([
      (request, response) => {
        hangUp(request, response);
        // After the client has noticed, and long before it sends it again.
        setTimeout(() => leaving.abort(new Error('the client is gone')), 3);
      },
    ]);
    await expect(fetch({}, { signal: leaving.signal })).rejects.toThrow('the client is gone');
    await sleep(100);
    expect([counts.retried, requests()]).toEqual([0, 1]);
  });

  it('says why it failed at first when its second attempt takes too long', async () => {
    const { fetch } = await start([hangUp, () => {}], { fetchTimeoutMs: 1000 });
    await expect(fetch()).rejects.toMatchObject(unavailable);
  });
});

describe('it is not sent again', () => {
  it.each([
    ['a part of an answer', breakOff],
    ['a page that is no GraphQL', say(500)],
    ['nonsense', say(200, '[]', 'application/json')],
  ])('when there was %s', async (_what, behaviour) => {
    const { fetch, requests } = await start([behaviour]);
    await expect(fetch()).rejects.toMatchObject(unavailable);
    expect(requests()).toBe(1);
  });

  it('when the answer is GraphQL, whatever the status', async () => {
    const body = '{"errors":[{"message":"no database"}]}';
    const { fetch, requests } = await start([say(503, body, 'application/json')]);
    expect(await fetch()).toEqual({ data: null, errors: [{ message: 'no database' }] });
    expect(requests()).toBe(1);
  });

  it.each([
    ['closed', hangUp],
    ['reset', reset],
    ['refused by a proxy', say(503)],
  ])('when it is a mutation that was %s: it may have happened', async (_what, behaviour) => {
    const { fetch, counts, requests } = await start([behaviour], { retries: 3 });
    await expect(fetch(mutation)).rejects.toMatchObject(unavailable);
    // Longer than any pause.
    await sleep(100);
    expect([counts, requests()]).toEqual([{ sent: 1, retried: 0 }, 1]);
  });
});

describe('a subgraph that fails again and again', () => {
  const breaker = { failures: 3, windowMs: 60_000, openMs: 600_000 };
  const failThrice = async (fetch: () => Promise<unknown>) => {
    for (let index = 0; index < 3; index += 1) await expect(fetch()).rejects.toMatchObject(unavailable);
  };

  it('is not asked for a while, and fetches say so', async () => {
    const { fetch, requests, changes, client, address } = await start([say(503), hangUp, reset], {
      retries: 0,
      breaker,
    });
    await failThrice(fetch);
    await expect(fetch()).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringMatching(
        /^Subgraph "a" has failed again and again, and is asked again in \d+ s$/,
      ),
      extensions: { code: 'SUBGRAPH_UNAVAILABLE', retryable: true, retryAfter: expect.any(Number) },
    });
    await expect(fetch(mutation)).rejects.toMatchObject(unavailable);
    expect([requests(), changes, client.isHeldOff(address)]).toEqual([3, [true], true]);
  });

  it('is asked by one request when the time has come, whose answer lets all others through', async () => {
    const held = Promise.withResolvers<() => void>();
    const hold: RequestListener = (request, response) => held.resolve(() => answer(request, response));
    const { fetch, requests, changes, client, address } = await start([hangUp, hangUp, hangUp, hold], {
      retries: 0,
      breaker: { ...breaker, openMs: 1 },
    });
    await failThrice(fetch);
    await sleep(5);
    const probe = fetch();
    const letGo = await held.promise;
    await expect(fetch({ body: 'another' })).rejects.toMatchObject(unavailable);
    letGo();
    expect(await probe).toEqual(data);
    expect(await fetch()).toEqual(data);
    expect([requests(), changes, client.isHeldOff(address)]).toEqual([5, [true, false], false]);
  });

  it('is left alone again when that request fails, which is not sent again', async () => {
    const { fetch, requests, changes } = await start([hangUp, hangUp, hangUp, hangUp, hangUp, hangUp], {
      breaker: { ...breaker, failures: 1, openMs: 1 },
    });
    await expect(fetch()).rejects.toMatchObject(unavailable);
    expect(requests()).toBe(2);
    await sleep(5);
    await expect(fetch()).rejects.toMatchObject(unavailable);
    expect([requests(), changes]).toEqual([3, [true]]);
  });

  it('counts as one that does when it does not answer in time', async () => {
    const silent: RequestListener = () => {};
    const { fetch, changes } = await start([silent, silent, silent], { fetchTimeoutMs: 50, breaker });
    for (let index = 0; index < 3; index += 1) await expect(fetch()).rejects.toThrow('did not answer within');
    expect(changes).toEqual([true]);
  });

  it('does not count what it answers, good or bad, nor what its callers gave up', async () => {
    const errors = say(200, '{"errors":[{"message":"no"}]}', 'application/json');
    const { fetch, changes, doNext } = await start([hangUp, hangUp, errors, hangUp, hangUp, say(500)], {
      retries: 0,
      breaker,
    });
    for (let index = 0; index < 6; index += 1) await fetch().catch(() => {});
    doNext(...Array.from({ length: 5 }, (): RequestListener => () => {}));
    for (let index = 0; index < 5; index += 1) {
      const leaving = new AbortController();
      const fetching = fetch({}, { signal: leaving.signal });
      leaving.abort(new Error('gone'));
      await expect(fetching).rejects.toThrow('gone');
    }
    expect(changes).toEqual([]);
  });

  it('is still asked for events, of which one answered ends it', async () => {
    const { fetch, changes } = await start([hangUp, hangUp, hangUp], { retries: 0, breaker });
    await failThrice(fetch);
    expect(await fetch({}, { occasion: 'event 1' })).toEqual(data);
    expect(changes).toEqual([true, false]);
    expect(await fetch()).toEqual(data);
  });

  it('is asked in any case where that is turned off', async () => {
    const { fetch, changes } = await start(
      Array.from({ length: 20 }, () => hangUp),
      {
        retries: 0,
        breaker: { ...breaker, failures: 0 },
      },
    );
    for (let index = 0; index < 20; index += 1) await expect(fetch()).rejects.toMatchObject(unavailable);
    expect(await fetch()).toEqual(data);
    expect(changes).toEqual([]);
  });

  it('is forgotten when it is no longer in use', async () => {
    const { client, fetch, changes } = await start([hangUp, hangUp, hangUp], { retries: 0, breaker });
    await failThrice(fetch);
    await client.keepOnly([]);
    expect(changes).toEqual([true, false]);
    expect(await fetch()).toEqual(data);
  });
});
