import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { RetryLink } from '@apollo/client/link/retry';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createResumeLink } from '@tributary/client/apollo';
import { reconnectWhenTold, renewToken, resuming } from '@tributary/client/graphql-ws';
import { createClient } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { withDropped, writeResult } from '../../gateway/src/subscriptions/shared-result.ts';
import type { FakeOperation } from '../support/fake-operations.ts';
import { startTransports, type RunningTransports } from '../support/start-transports.ts';

let transports: RunningTransports;
beforeEach(async () => {
  transports = await startTransports();
});
afterEach(() => transports.stop());

const query = 'subscription { a }';
const paramsOf = (operation: FakeOperation | undefined) => operation?.request.params;
const event = (data: unknown, cursor: string) => ({ data, extensions: { event: { cursor } } });
const resultOf = (data: unknown, cursor?: string) =>
  writeResult({ data: JSON.stringify(data), errors: undefined }, cursor);
const cutAll = () => {
  for (const connection of transports.connections) connection.cut();
};

describe('a client of graphql-ws that resumes', () => {
  const open = () =>
    resuming(
      createClient({ url: transports.wsUrl, webSocketImpl: WebSocket, retryWait: async () => undefined }),
    );

  it('says after a lost connection how far it came, for each operation', async () => {
    const client = open();
    const request = { query, extensions: { other: 1 } };
    const [first, second] = [client.iterate(request), client.iterate(request)];
    const gotten = [first.next(), second.next()];
    const [one, two] = await transports.operations.begun(2);
    expect(paramsOf(one)).toEqual({ query, extensions: { other: 1, resume: {} } });
    one?.open('c0');
    one?.next(1, 'c1');
    two?.next(1, 'c1');
    expect(await Promise.all(gotten)).toMatchObject([{ value: event(1, 'c1') }, { value: event(1, 'c1') }]);
    const more = first.next();
    one?.next(2, 'c2');
    await more;
    const missed = [first.next(), second.next()];
    cutAll();
    const [, , ...again] = await transports.operations.begun(4);
    expect(again.map(paramsOf)).toEqual(
      expect.arrayContaining([
        { query, extensions: { other: 1, resume: { after: 'c2' } } },
        { query, extensions: { other: 1, resume: { after: 'c1' } } },
      ]),
    );
    expect(request).toEqual({ query, extensions: { other: 1 } });
    for (const operation of again) {
      operation.next('missed', 'c3');
      operation.sink.end();
    }
    expect(await Promise.all(missed)).toMatchObject([
      { value: event('missed', 'c3') },
      { value: event('missed', 'c3') },
    ]);
    expect((await first.next()).done).toBe(true);
    await client.dispose();
  });

  it('says where it began when nothing has come since', async () => {
    const client = open();
    const results = client.iterate({ query });
    const next = results.next();
    const [first] = await transports.operations.begun(1);
    const opening = new Promise((resolve) => client.on('message', resolve));
    first?.open('c0');
    expect(await opening).toMatchObject({ payload: { extensions: { event: { opened: true } } } });
    cutAll();
    const [, second] = await transports.operations.begun(2);
    expect(paramsOf(second)).toEqual({ query, extensions: { resume: { after: 'c0' } } });
    second?.next(1, 'c1');
    expect((await next).value).toEqual(event(1, 'c1'));
    await client.dispose();
  });

  it('reads again what was left out because it read too slowly, and tells nobody', async () => {
    const client = open();
    const results = client.iterate({ query });
    const gotten = Array.fromAsync(results);
    const [first] = await transports.operations.begun(1);
    first?.open('c0');
    first?.next(1, 'c1');
    first?.sink.next(withDropped(resultOf(4, 'c4'), 2));
    first?.next(5, 'c5');
    const [, second] = await transports.operations.begun(2);
    expect(paramsOf(second)).toEqual({ query, extensions: { resume: { after: 'c1' } } });
    await expect.poll(() => first?.isStopped).toBe(true);
    for (const n of [2, 3, 4, 5]) second?.next(n, `c${n}`);
    second?.sink.end();
    expect(await gotten).toEqual([1, 2, 3, 4, 5].map((n) => event(n, `c${n}`)));
    await client.dispose();
  });

  it('is told how much was left out where nobody keeps it', async () => {
    const client = open();
    const results = client.iterate({ query });
    const next = results.next();
    const [operation] = await transports.operations.begun(1);
    operation?.sink.next(withDropped({ ...resultOf(3), cursor: undefined }, 2));
    expect((await next).value).toEqual({ data: 3, extensions: { event: { dropped: 2 } } });
    await client.dispose();
  });

  it('is told when what it missed is no longer there', async () => {
    const client = open();
    const results = client.iterate({ query });
    const next = results.next();
    const [operation] = await transports.operations.begun(1);
    operation?.sink.error([
      { code: 'RESUME_TOO_OLD', formatted: { message: 'Too old', extensions: { code: 'RESUME_TOO_OLD' } } },
    ]);
    await expect(next).rejects.toMatchObject([{ extensions: { code: 'RESUME_TOO_OLD' } }]);
    await client.dispose();
  });

  it('leaves an operation that is read no more', async () => {
    const client = open();
    const results = client.iterate({ query });
    const next = results.next();
    const [operation] = await transports.operations.begun(1);
    operation?.next(1);
    await next;
    await results.return?.();
    await expect.poll(() => operation?.isStopped).toBe(true);
    await client.dispose();
  });

  it('comes back when it is told to', async () => {
    const { retryWait, on } = reconnectWhenTold();
    on.closed?.({ code: 1012, reason: '{"reconnectAfterMs":20}' });
    const startedAt = performance.now();
    await retryWait(10);
    // Without the hint it would have been half a minute.
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  it('renews its token before it ends', async () => {
    const token = async (expiresIn: string) => `Bearer ${await transports.sign({}, { expiresIn })}`;
    const client = createClient({
      url: transports.wsUrl,
      webSocketImpl: WebSocket,
      connectionParams: async () => ({ authorization: await token('3s') }),
    });
    const stop = renewToken(client, { authorization: () => token('5m'), beforeMs: 2500 });
    void client.iterate({ query }).next();
    const [operation] = await transports.operations.begun(1);
    await expect.poll(() => operation?.principals.length, { timeout: 5000 }).toBe(2);
    const [before, after] = operation?.principals ?? [];
    expect(after?.expiresAt).toBeGreaterThan((before?.expiresAt ?? 0) + 200);
    stop();
    await client.dispose();
  });
});

it('Apollo Client reads again what was left out over multipart, and tells nobody', async () => {
  const link = ApolloLink.from([createResumeLink(), new HttpLink({ uri: transports.url })]);
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const seen: unknown[] = [];
  const subscription = client
    .subscribe<{ a: number }>({ query: gql(query) })
    .subscribe(({ data }) => void seen.push(data?.a));
  const [first] = await transports.operations.begun(1);
  first?.open('c0');
  first?.next({ a: 1 }, 'c1');
  first?.sink.next(withDropped(resultOf({ a: 4 }, 'c4'), 2));
  const [, second] = await transports.operations.begun(2);
  expect(paramsOf(second)).toMatchObject({ extensions: { resume: { after: 'c1' } } });
  for (const a of [2, 3, 4, 5]) second?.next({ a }, `c${a}`);
  await expect.poll(() => seen).toEqual([1, 2, 3, 4, 5]);
  subscription.unsubscribe();
  await transports.operations.stopped(2);
  client.stop();
});

describe('Apollo Client resumes', () => {
  it.each([
    [
      'over multipart, behind a link that tries again',
      () =>
        ApolloLink.from([
          new RetryLink({ delay: { initial: 1 } }),
          createResumeLink(),
          new HttpLink({ uri: transports.url }),
        ]),
    ],
    [
      'over a WebSocket, by a client that resumes',
      () =>
        new GraphQLWsLink(
          resuming(
            createClient({
              url: transports.wsUrl,
              webSocketImpl: WebSocket,
              retryWait: async () => undefined,
            }),
          ),
        ),
    ],
  ])('%s', async (_title, createLink) => {
    const client = new ApolloClient({ link: createLink(), cache: new InMemoryCache() });
    const seen: unknown[] = [];
    const subscription = client
      .subscribe<{ a: number }>({ query: gql(query) })
      .subscribe(({ data }) => void seen.push(data));
    const [first] = await transports.operations.begun(1);
    expect(paramsOf(first)).toMatchObject({ extensions: { resume: {} } });
    first?.open('c0');
    first?.next({ a: 1 }, 'c1');
    await expect.poll(() => seen).toEqual([{ a: 1 }]);
    cutAll();
    const [, second] = await transports.operations.begun(2);
    expect(paramsOf(second)).toMatchObject({ extensions: { resume: { after: 'c1' } } });
    second?.next({ a: 2 }, 'c2');
    await expect.poll(() => seen).toEqual([{ a: 1 }, { a: 2 }]);
    cutAll();
    const [, , third] = await transports.operations.begun(3);
    expect(paramsOf(third)).toMatchObject({ extensions: { resume: { after: 'c2' } } });
    subscription.unsubscribe();
    await transports.operations.stopped(3);
    client.stop();
  });
});
