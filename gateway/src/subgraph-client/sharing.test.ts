import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { afterEach, describe, expect, it, vi } from 'vitest';

import { SubgraphClient, type FetchContext, type SubgraphRequest } from './subgraph-client.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const close of closers.splice(0).toReversed()) await close();
});

interface HeldRequest {
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
  /** Answers with data. */
  answer(data: object): void;
  /** Hangs up. */
  hangUp(): void;
  /** The client has hung up. */
  readonly closed: Promise<unknown>;
}

/** A subgraph that answers when it is told to. */
async function startHeldSubgraph() {
  const arrived: HeldRequest[] = [];
  const waiting: ((request: HeldRequest) => void)[] = [];
  const hold = (body: string, headers: IncomingHttpHeaders, response: ServerResponse) => {
    const closed = new Promise((resolve) => response.once('close', resolve));
    const answer = (data: object) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ data }));
    const request = { body, headers, closed, answer, hangUp: () => response.destroy() };
    const next = waiting.shift();
    if (next) next(request);
    else arrived.push(request);
  };
  const server = createServer((request, response) => {
    void text(request).then((body) => hold(body, request.headers, response));
  });
  let connections = 0;
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    address: { name: 'a', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` },
    /** The next request that arrives, or has arrived. */
    next: () => {
      const request = arrived.shift();
      return request
        ? Promise.resolve(request)
        : new Promise<HeldRequest>((resolve) => waiting.push(resolve));
    },
    connectionCount: () => connections,
    /** How many arrived that nobody has looked at. */
    unseen: () => arrived.length,
  };
}

async function start({ sharing = true, fetchTimeoutMs = 5000, connections = 128 } = {}) {
  const subgraph = await startHeldSubgraph();
  const counts = { sent: 0, shared: 0 };
  const client = new SubgraphClient({
    fetchTimeoutMs,
    sharing,
    connections,
    onRequest: () => (counts.sent += 1),
    onShared: () => (counts.shared += 1),
  });
  closers.push(() => client.stop());
  const fetch = (request: Partial<SubgraphRequest> = {}, context: Partial<FetchContext> = {}) =>
    client.fetch(
      subgraph.address,
      { body: '{"query":"{ a }"}', operationType: 'query', carriesIdentity: false, ...request },
      { requestId: 'r', identityProjection: '', signal: new AbortController().signal, ...context },
    );
  return { client, subgraph, counts, fetch };
}

describe('equal queries in the air', () => {
  it('are one request, of whose answer each gets an object of its own', async () => {
    const { subgraph, counts, fetch } = await start();
    const fetching = [fetch(), fetch(), fetch()];
    const request = await subgraph.next();
    request.answer({ a: { b: 1 } });
    const answers = await Promise.all(fetching);
    expect(answers).toEqual(Array.from({ length: 3 }, () => ({ data: { a: { b: 1 } } })));
    expect(new Set(answers).size).toBe(3);
    expect(new Set(answers.map(({ data }) => data?.['a'])).size).toBe(3);
    expect(counts).toEqual({ sent: 1, shared: 2 });
  });

  it('leave time for others when there are many of them', async () => {
    const { subgraph, fetch } = await start();
    let answered = 0;
    const fetching = Array.from({ length: 100 }, () => fetch().then(() => (answered += 1)));
    const request = await subgraph.next();
    request.answer({ a: 1 });
    await fetching[0];
    const inBetween = await new Promise((resolve) => setImmediate(() => resolve(answered)));
    expect(inBetween).toBeLessThan(100);
    await Promise.all(fetching);
    expect(answered).toBe(100);
  });

  it('fail together', async () => {
    const { subgraph, counts, fetch } = await start();
    const fetching = [fetch(), fetch()];
    // It is sent again, once for both.
    for (let attempt = 0; attempt < 2; attempt += 1) (await subgraph.next()).hangUp();
    const results = await Promise.allSettled(fetching);
    expect(results.map((result) => result.status === 'rejected' && result.reason)).toEqual([
      expect.objectContaining({ code: 'SUBGRAPH_UNAVAILABLE' }),
      expect.objectContaining({ code: 'SUBGRAPH_UNAVAILABLE' }),
    ]);
    expect(counts).toEqual({ sent: 2, shared: 1 });
  });

  it('are shared no longer than they are in the air', async () => {
    const { subgraph, counts, fetch } = await start();
    for (const a of [1, 2]) {
      const fetching = fetch();
      (await subgraph.next()).answer({ a });
      expect(await fetching).toEqual({ data: { a } });
    }
    expect(counts).toEqual({ sent: 2, shared: 0 });
  });

  it('are sent one by one where sharing is off', async () => {
    const { subgraph, counts, fetch } = await start({ sharing: false });
    const fetching = [fetch(), fetch()];
    for (const a of [1, 2]) (await subgraph.next()).answer({ a });
    expect(await Promise.all(fetching)).toHaveLength(2);
    expect(counts).toEqual({ sent: 2, shared: 0 });
  });
});

describe('two fetches are not equal when they differ in', () => {
  const asked = { carriesIdentity: true };
  const identityFor = () => 'signed';
  const who = (identityProjection: string) => ({ identityProjection, identityFor });

  it.each<[string, Parameters<Awaited<ReturnType<typeof start>>['fetch']>[], number]>([
    ['the body', [[], [{ body: '{"query":"{ b }"}' }]], 2],
    [
      'who asks, when it is told',
      [
        [asked, who('1')],
        [asked, who('2')],
      ],
      2,
    ],
    [
      'whether it is told',
      [
        [asked, who('')],
        [{}, who('')],
      ],
      2,
    ],
    ['a forwarded header', [[], [{}, { headers: { 'accept-language': 'de' } }]], 2],
    [
      'the value of one',
      [
        [{}, { headers: { 'accept-language': 'en' } }],
        [{}, { headers: { 'accept-language': 'de' } }],
      ],
      2,
    ],
    [
      'nothing but who asks, when it is not told',
      [
        [{}, who('1')],
        [{}, who('2')],
      ],
      1,
    ],
    [
      'nothing but the request id',
      [
        [{}, { requestId: '1' }],
        [{}, { requestId: '2' }],
      ],
      1,
    ],
  ])('%s', async (_what, fetches, requests) => {
    const { subgraph, counts, fetch } = await start();
    const fetching = fetches.map((args) => fetch(...args));
    for (let index = 0; index < requests; index += 1) (await subgraph.next()).answer({ a: index });
    await Promise.all(fetching);
    expect(counts).toEqual({ sent: requests, shared: fetches.length - requests });
    expect(subgraph.unseen()).toBe(0);
  });

  it('the subgraph', async () => {
    const { client, subgraph, counts } = await start();
    const request = { body: '{}', operationType: 'query', carriesIdentity: false } as const;
    const context = { requestId: 'r', identityProjection: '', signal: new AbortController().signal };
    const { url } = subgraph.address;
    const fetching = ['a', 'b'].map((name) => client.fetch({ name, url }, request, context));
    for (const a of [1, 2]) (await subgraph.next()).answer({ a });
    await Promise.all(fetching);
    expect(counts.sent).toBe(2);
  });
});

describe('of those who share a request', () => {
  it('one may leave without ending it for the others', async () => {
    const { subgraph, fetch } = await start();
    const leaving = new AbortController();
    const [gone, staying] = [fetch({}, { signal: leaving.signal }), fetch()];
    const request = await subgraph.next();
    leaving.abort(new Error('the client is gone'));
    await expect(gone).rejects.toThrow('the client is gone');
    request.answer({ a: 1 });
    expect(await staying).toEqual({ data: { a: 1 } });
  });

  it('the last one to leave ends it', async () => {
    const { subgraph, counts, fetch } = await start();
    const leaving = [new AbortController(), new AbortController()];
    const fetching = leaving.map(({ signal }) => fetch({}, { signal }));
    const request = await subgraph.next();
    for (const controller of leaving) controller.abort(new Error('gone'));
    await Promise.allSettled(fetching);
    await request.closed;
    const next = fetch();
    (await subgraph.next()).answer({ a: 2 });
    expect(await next).toEqual({ data: { a: 2 } });
    expect(counts).toEqual({ sent: 2, shared: 1 });
  });

  it('the last one to leave before there was a connection costs none', async () => {
    const { subgraph, fetch } = await start({ connections: 1 });
    const first = fetch();
    const held = await subgraph.next();
    const leaving = new AbortController();
    const queued = [fetch({ body: '2' }, { signal: leaving.signal }), fetch({ body: '3' })];
    leaving.abort(new Error('gone'));
    await expect(queued[0]).rejects.toThrow('gone');
    held.answer({ a: 1 });
    expect(await first).toEqual({ data: { a: 1 } });
    const next = await subgraph.next();
    expect(next.body).toBe('3');
    next.answer({ a: 3 });
    expect(await queued[1]).toEqual({ data: { a: 3 } });
    expect(subgraph.connectionCount()).toBe(1);
  });

  it('each waits for its own time, and nobody joins what hangs', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { subgraph, counts, fetch } = await start({ fetchTimeoutMs: 1000 });
    const first = fetch();
    const hanging = await subgraph.next();
    vi.advanceTimersByTime(900);
    const second = fetch();
    expect(counts).toEqual({ sent: 1, shared: 1 });
    vi.advanceTimersByTime(100);
    await expect(first).rejects.toMatchObject({ code: 'SUBGRAPH_TIMEOUT' });
    const third = fetch();
    expect(counts).toEqual({ sent: 2, shared: 1 });
    hanging.answer({ a: 'late' });
    expect(await second).toEqual({ data: { a: 'late' } });
    (await subgraph.next()).answer({ a: 'new' });
    expect(await third).toEqual({ data: { a: 'new' } });
  });
});

describe('a mutation', () => {
  const mutation = { body: '{"query":"mutation { a }"}', operationType: 'mutation' } as const;

  it('is never shared', async () => {
    const { subgraph, counts, fetch } = await start();
    const fetching = [fetch(mutation), fetch(mutation)];
    for (const a of [1, 2]) (await subgraph.next()).answer({ a });
    await Promise.all(fetching);
    expect(counts).toEqual({ sent: 2, shared: 0 });
  });

  it.each(['answered', 'broken off'])(
    'that was %s keeps later reads from joining earlier ones',
    async (how) => {
      const { subgraph, counts, fetch } = await start();
      const before = fetch();
      const old = await subgraph.next();
      const mutating = fetch(mutation);
      const change = await subgraph.next();
      if (how === 'answered') change.answer({ a: 'changed' });
      else change.hangUp();
      await mutating.catch(() => {});
      const after = fetch();
      const fresh = await subgraph.next();
      old.answer({ a: 'old' });
      // The end of the old one must not take the new one from those who may join it.
      expect(await before).toEqual({ data: { a: 'old' } });
      const joined = fetch();
      fresh.answer({ a: 'new' });
      expect(await Promise.all([after, joined])).toEqual([{ data: { a: 'new' } }, { data: { a: 'new' } }]);
      expect(counts).toEqual({ sent: 3, shared: 1 });
    },
  );
});

describe('two users with the same question', () => {
  /** Both ask who they are at the same time; each gets what the subgraph told the first or the second request. */
  const ask = async (projections: readonly [string, string]) => {
    const { subgraph, fetch } = await start();
    const fetching = projections.map((identityProjection, index) =>
      fetch({ carriesIdentity: true }, { identityProjection, identityFor: () => `user ${index}` }),
    );
    const answerNext = async () => {
      const request = await subgraph.next();
      request.answer({ me: request.headers['tributary-identity'] });
    };
    void answerNext();
    void answerNext();
    return (await Promise.all(fetching)).map(({ data }) => data?.['me']);
  };

  it('get each their own answer', async () => {
    expect(await ask(['["u0"]', '["u1"]'])).toEqual(['user 0', 'user 1']);
  });

  it('would not, if the projection did not tell them apart: the test above sees it', async () => {
    expect(await ask(['', ''])).toEqual(['user 0', 'user 0']);
  });
});
