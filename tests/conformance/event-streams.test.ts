import { text } from 'node:stream/consumers';
import { connect as connectTcp } from 'node:net';

import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { createClient } from 'graphql-sse';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createLocalQuota } from '../../gateway/src/subscriptions/connections/quota.ts';
import {
  startTransports,
  type RunningTransports,
  type TransportsSettings,
} from '../support/start-transports.ts';

let transports: RunningTransports;
const restart = async (settings: TransportsSettings): Promise<void> => {
  await transports.stop();
  transports = await startTransports(settings);
};
beforeEach(async () => {
  transports = await startTransports();
});
afterEach(() => transports.stop());

const query = 'subscription { a }';

const post = (accept: string, body: object = { query }, headers: Record<string, string> = {}) =>
  fetch(transports.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, ...headers },
    body: JSON.stringify(body),
  });

describe("graphql-sse's client", () => {
  it('gets the results of a subscription, and its end', async () => {
    const client = createClient({ url: transports.url });
    const results = client.iterate({ query });
    const first = results.next();
    const [operation] = await transports.operations.begun(1);
    operation?.next({ text: 'é\n' }, 'c1');
    expect((await first).value).toEqual({ data: { text: 'é\n' }, extensions: { event: { cursor: 'c1' } } });
    operation?.next(2);
    operation?.sink.end();
    expect((await results.next()).value).toEqual({ data: 2 });
    expect((await results.next()).done).toBe(true);
    client.dispose();
  });

  it('gets the answer of a query, and the errors of what is refused', async () => {
    const client = createClient({ url: transports.url });
    const answer = client.iterate({ query: 'query { a }', variables: { b: 1 } });
    expect((await answer.next()).value).toEqual({ data: { variables: { b: 1 }, extensions: {} } });
    expect((await answer.next()).done).toBe(true);
    const refused = client.iterate({ query: 'nonsense' });
    expect((await refused.next()).value).toMatchObject({ errors: [{ message: 'This is refused' }] });
    expect((await refused.next()).done).toBe(true);
    client.dispose();
  });

  it('ends an operation by leaving', async () => {
    const client = createClient({ url: transports.url });
    const results = client.iterate({ query });
    void results.next();
    const [operation] = await transports.operations.begun(1);
    client.dispose();
    await transports.operations.stopped(1);
    expect(operation?.request.signal.aborted).toBe(true);
    await transports.closed(1);
    expect([transports.connections.size, transports.counts.running]).toEqual([0, 0]);
  });

  it('comes back when a gateway goes', async () => {
    const other = await startTransports();
    let { url } = transports;
    const client = createClient({ url: () => url, retry: async () => undefined });
    const results = client.iterate({ query });
    const first = results.next();
    await transports.operations.begun(1);
    ({ url } = other);
    await transports.stop();
    const [operation] = await other.operations.begun(1);
    operation?.next('back');
    expect((await first).value).toEqual({ data: 'back' });
    client.dispose();
    await other.stop();
    transports = await startTransports();
  });
});

it('holds no place for a client that left while others were asked whether there is one', async () => {
  const local = createLocalQuota();
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const takes: unknown[] = [];
  await restart({
    quota: {
      take: async (claim) => {
        asked.resolve();
        await answer.promise;
        takes.push(claim);
        return local.take(claim);
      },
    },
  });
  const { hostname, port } = new URL(transports.url);
  const socket = connectTcp(Number(port), hostname);
  const body = JSON.stringify({ query });
  socket.write(
    'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\naccept: text/event-stream\r\n' +
      `content-length: ${body.length}\r\n\r\n${body}`,
  );
  await asked.promise;
  socket.resetAndDestroy();
  await expect.poll(() => transports.counts.left).toBe(1);
  answer.resolve();
  await expect.poll(() => takes.length).toBe(2);
  await expect.poll(() => [transports.connections.size, local.size]).toEqual([0, 0]);
});

describe('server-sent events', () => {
  it('are, byte for byte', async () => {
    const response = await post('text/event-stream');
    const [operation] = await transports.operations.begun(1);
    operation?.next(1, 'c1');
    // As a subgraph might have written it.
    operation?.sink.next({ bytes: Buffer.from('{\r\n  "data": 2\n}'), cursor: undefined });
    operation?.sink.end();
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    expect(await response.text()).toBe(
      ':\n\n' +
        'id: c1\nevent: next\ndata: {"data":1,"extensions":{"event":{"cursor":"c1"}}}\n\n' +
        'event: next\ndata: {    "data": 2 }\n\n' +
        'event: complete\ndata: \n\n',
    );
  });

  it('go on after the event that the client names', async () => {
    const response = await post(
      'text/event-stream',
      { query, extensions: { resume: { after: 'old' }, other: 1 } },
      { 'last-event-id': 'c7' },
    );
    const [operation] = await transports.operations.begun(1);
    expect(operation?.request.params).toMatchObject({ extensions: { resume: { after: 'c7' }, other: 1 } });
    await response.body?.cancel();
  });

  it('may be asked for by GET, which changes nothing', async () => {
    const response = await fetch(`${transports.url}?${new URLSearchParams({ query }).toString()}`, {
      headers: { accept: 'text/event-stream' },
    });
    const [operation] = await transports.operations.begun(1);
    expect(operation?.request.isReadOnly).toBe(true);
    await response.body?.cancel();
  });

  it('have a heartbeat', async () => {
    await restart({ env: { PING_INTERVAL_MS: '100' } });
    const response = await post('text/event-stream');
    const [operation] = await transports.operations.begun(1);
    const reader = response.body?.getReader();
    let got = '';
    while (got.length < 9) got += new TextDecoder().decode((await reader?.read())?.value);
    expect(got).toMatch(/^(:\n\n){3}/);
    operation?.sink.end();
    await reader?.cancel();
  });

  it('say why the rights of their reader ended', async () => {
    const authorization = `Bearer ${await transports.sign()}`;
    const response = await post('text/event-stream', { query }, { authorization });
    await transports.operations.begun(1);
    expect(transports.connections.revoke('u1')).toBe(1);
    const body = await response.text();
    expect(body).toContain('"code":"UNAUTHENTICATED"');
    expect(body.endsWith('event: complete\ndata: \n\n')).toBe(true);
    await transports.operations.stopped(1);
  });

  it('tell a client to come back, each at a time of its own', async () => {
    const response = await post('text/event-stream');
    await transports.operations.begun(1);
    const body = response.text();
    await transports.stop();
    expect(await body).toMatch(/^:\n\nretry: \d+\n\n$/);
    transports = await startTransports();
  });
});

describe('a request that cannot be streamed', () => {
  const refusal = async (response: Response) => {
    const { errors } = (await response.json()) as { errors: { message: string; extensions: object }[] };
    return { status: response.status, ...errors[0]?.extensions };
  };

  it('is told so by its status', async () => {
    const accept = 'text/event-stream';
    const wrong = await post(accept, { query: 7 });
    expect(await refusal(wrong)).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    const forged = await post(accept, { query }, { authorization: 'Bearer nonsense' });
    expect(await refusal(forged)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    const foreign = await fetch(`${transports.url}?query={a}`, {
      headers: { accept, 'sec-fetch-site': 'cross-site' },
    });
    expect(await refusal(foreign)).toMatchObject({ status: 403, code: 'CSRF_PREVENTED' });
    expect(transports.operations.all).toEqual([]);
    await expect.poll(() => transports.connections.size).toBe(0);
  });

  it('is told when to try again where there are too many', async () => {
    await restart({ env: { MAX_CONNECTIONS_PER_IP: '1' } });
    const first = await post('text/event-stream');
    const second = await post('text/event-stream');
    expect(second.headers.get('retry-after')).toBe('5');
    expect(await refusal(second)).toMatchObject({ status: 429, code: 'RATE_LIMITED', retryAfter: 5 });
    await first.body?.cancel();
    await transports.closed(1);
    const third = await post('text/event-stream');
    expect(third.status).toBe(200);
    await third.body?.cancel();
  });
});

describe('clients that name a stream beside JSON', () => {
  const accept = 'application/graphql-response+json, application/json, text/event-stream, multipart/mixed';

  it('get JSON for a query', async () => {
    const response = await post(accept, { query: '{ a }' });
    expect(await response.json()).toEqual({ plain: { query: '{ a }', variables: {}, extensions: {} } });
  });

  it('get a stream for a subscription', async () => {
    const response = await post(accept, { query });
    const [operation] = await transports.operations.begun(1);
    operation?.sink.end();
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(await response.text()).toContain('event: complete');
  });
});

describe('Apollo Client over multipart', () => {
  const open = (fetchImpl: typeof fetch = fetch) => {
    const client = new ApolloClient({
      link: new HttpLink({ uri: transports.url, fetch: fetchImpl }),
      cache: new InMemoryCache(),
    });
    const seen: unknown[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const subscription = client
      .subscribe<{ a: number }>({ query: gql(query), errorPolicy: 'all' })
      .subscribe({
        next: ({ data, error }) => void seen.push(error ? error.message : data),
        error: (error: Error) => {
          seen.push(error.message);
          resolve();
        },
        complete: () => {
          seen.push('complete');
          resolve();
        },
      });
    return { client, seen, over: promise, subscription };
  };

  it('gets each result when it comes, and the end', async () => {
    const { client, seen, over } = open();
    const [operation] = await transports.operations.begun(1);
    operation?.next({ a: 1 }, 'c');
    await expect.poll(() => seen).toEqual([{ a: 1 }]);
    operation?.next({ a: 2 }, 'c');
    operation?.sink.end();
    await over;
    expect(seen).toEqual([{ a: 1 }, { a: 2 }, 'complete']);
    client.stop();
  });

  it('lives through heartbeats', async () => {
    await restart({ env: { PING_INTERVAL_MS: '100' } });
    let heartbeats = 0;
    const { client, seen, subscription } = open(async (...request) => {
      const response = await fetch(...request);
      const count = new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, controller) => {
          heartbeats += new TextDecoder().decode(chunk).split('\r\n{}\r\n').length - 1;
          controller.enqueue(chunk);
        },
      });
      return new Response(response.body?.pipeThrough(count), response);
    });
    const [operation] = await transports.operations.begun(1);
    await expect.poll(() => heartbeats).toBeGreaterThan(2);
    operation?.next({ a: 1 });
    await expect.poll(() => seen).toEqual([{ a: 1 }]);
    subscription.unsubscribe();
    await transports.operations.stopped(1);
    client.stop();
  });

  it('reads why an operation was refused, and why one ended', async () => {
    const refused = await post('multipart/mixed;boundary=graphql;subscriptionSpec=1.0', {
      query: 'nonsense',
    });
    expect(refused.headers.get('content-type')).toBe(
      'multipart/mixed; boundary="graphql"; subscriptionSpec="1.0"',
    );
    expect(await refused.text()).toMatch(
      /^\r\n--graphql\r\ncontent-type: application\/json\r\n\r\n{"payload":{"errors":\[{"message":"This is refused".*}\r\n--graphql--\r\n$/,
    );
    const { client, seen } = open();
    const [, operation] = await transports.operations.begun(2);
    operation?.next({ a: 1 });
    await expect.poll(() => seen).toEqual([{ a: 1 }]);
    operation?.sink.error([
      { code: 'UNAUTHENTICATED', formatted: { message: 'Over', extensions: { code: 'UNAUTHENTICATED' } } },
    ]);
    await expect.poll(() => JSON.stringify(seen)).toContain('Over');
    client.stop();
  });
});

it('bounds what a reader of a stream leaves unread, and goes on when it reads', async () => {
  const { port } = new URL(transports.url);
  const socket = connectTcp(Number(port), '127.0.0.1');
  socket.write(
    `GET /graphql?query=${encodeURIComponent(query)} HTTP/1.1\r\nhost: a\r\naccept: text/event-stream\r\n\r\n`,
  );
  const [operation] = await transports.operations.begun(1);
  const chunk = 'x'.repeat(10_000);
  let isFull = false;
  for (let times = 0; times < 5000 && !isFull; times += 1) {
    isFull = operation?.next({ chunk }) === false;
    if (isFull) {
      // The kernel takes the first megabytes.
      await new Promise(setImmediate);
      isFull = operation?.next({ chunk }) === false;
    }
  }
  expect(isFull).toBe(true);
  const received = text(socket);
  await expect.poll(() => operation?.resumed).toBeGreaterThan(0);
  operation?.sink.end();
  await transports.closed(1);
  socket.end();
  expect(await received).toContain('event: complete');
});
