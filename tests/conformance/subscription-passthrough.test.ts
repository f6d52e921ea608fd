import { composeSupergraph, expectSupergraph } from '@tributary/planning';
import { afterEach, beforeEach, expect, it } from 'vitest';

import {
  caller,
  startTestSubscriptions,
  type TestSubscriptions,
} from '../support/start-test-subscriptions.ts';
import { startTickingSupergraph } from '../support/start-ticking-supergraph.ts';
import { callerOf } from '../support/talking-supergraph.ts';

let supergraph: Awaited<ReturnType<typeof startTickingSupergraph>>;
let test: TestSubscriptions;

beforeEach(async () => {
  supergraph = await startTickingSupergraph();
  test = await startTestSubscriptions(supergraph);
});
afterEach(async () => {
  await test.stop();
  await supergraph.stop();
});

const ticked = 'subscription ($clock: String!) { ticked(clock: $clock) { clock by { name } } }';
const on = (clock: string) => ({ variables: { clock } });
const heard = (count: number) => expect.poll(() => supergraph.open().length, { timeout: 10_000 }).toBe(count);

it('a subgraph that publishes by itself is subscribed to once for all, and its results are resolved further', async () => {
  const many = await Promise.all([1, 2, 3].map(() => test.subscribe(ticked, on('wall'))));
  await heard(1);
  supergraph.tick('wall', 'u1');
  supergraph.tick('wall', 'u2');
  for (const { sink } of many) {
    await sink.gets(2);
    expect(sink.answers).toEqual([
      { data: { ticked: { clock: 'wall', by: { name: 'name of u1' } } } },
      { data: { ticked: { clock: 'wall', by: { name: 'name of u2' } } } },
    ]);
  }
  expect(supergraph.users.requests).toHaveLength(2);
});

it('has one socket for all its subscriptions, which closes with the last of them', async () => {
  const [wall, tower] = await Promise.all(
    ['wall', 'tower'].map((clock) => test.subscribe(ticked, on(clock))),
  );
  await heard(2);
  expect([supergraph.socketCount(), test.upstreams.size]).toEqual([1, 1]);
  wall?.handle.stop();
  await heard(1);
  supergraph.tick('tower', 'u1');
  await tower?.sink.gets(1);
  tower?.handle.stop();
  await heard(0);
  await expect.poll(() => supergraph.socketCount(), { timeout: 10_000 }).toBe(0);
  expect(test.subscriptions.stats()).toEqual({ subscribers: 0, groups: 0, patterns: 0 });
  expect(test.upstreams.size).toBe(0);
});

it('has a socket for each caller where what it publishes depends on who asks', async () => {
  const mine = 'subscription { mine(clock: "wall") { clock } }';
  await Promise.all(['1', '2', '1'].map((sub) => test.subscribe(mine, { principal: caller(sub) })));
  await test.subscribe(ticked, { ...on('wall'), principal: caller('1') });
  await heard(3);
  const callers = supergraph.identities.map((identity) => callerOf({ 'tributary-identity': identity }));
  expect(new Set(callers)).toEqual(new Set(['1', '2', undefined]));
  expect(callers).toHaveLength(3);
  expect(supergraph.socketCount()).toBe(3);
});

it('asks again as somebody who is there when the socket breaks, and not as who came first', async () => {
  let now = Date.now();
  await test.stop();
  test = await startTestSubscriptions(supergraph, { upstreamRetries: 3, now: () => now });
  const mine = 'subscription { mine(clock: "wall") { clock } }';
  const [first, second] = await Promise.all(
    [60, 600].map((seconds) =>
      test.subscribe(mine, { principal: caller('1', { expiresAt: Math.floor(now / 1000) + seconds }) }),
    ),
  );
  await heard(1);
  now += 60_000;
  await first?.sink.isOverSoon();
  supergraph.breakOff();
  await expect.poll(() => supergraph.identities.length, { timeout: 20_000 }).toBe(2);
  await heard(1);
  supergraph.tick('wall', 'u1');
  await second?.sink.gets(1);
  const [before = 0, after = 0] = supergraph.identities.map((identity) => expiryOf(identity));
  expect(after - before).toBe(540);
});

const expiryOf = (identity = ''): number =>
  (JSON.parse(Buffer.from(identity.split('.')[1] ?? '', 'base64url').toString()) as { exp: number }).exp;

it('ends when the subgraph says so, after its last result', async () => {
  const { sink } = await test.subscribe(ticked, on('wall'));
  await heard(1);
  supergraph.tick('wall', 'u1');
  supergraph.open()[0]?.push(undefined);
  await sink.isOverSoon();
  expect([sink.results.length, sink.isEnded]).toEqual([1, true]);
});

it('ends with an error when the socket breaks or the subgraph refuses', async () => {
  const { sink } = await test.subscribe(ticked, on('wall'));
  await heard(1);
  supergraph.breakOff();
  await sink.isOverSoon();
  expect(sink.codes).toEqual(['SUBGRAPH_UNAVAILABLE']);
  expect(test.subscriptions.stats().groups).toBe(0);
});

it('cannot be resumed, and says so', async () => {
  const { sink } = await test.subscribe(ticked, { ...on('wall'), resume: { after: '1' } });
  expect(sink.codes).toEqual(['BAD_USER_INPUT']);
});

it('goes on over another supergraph by the same socket and subscription', async () => {
  const { sink } = await test.subscribe(ticked, on('wall'));
  await heard(1);
  const { name, url, sdl } = supergraph.users;
  const clocks = test.supergraph.current().supergraph.subgraphs.find((each) => each.name === 'clocks');
  const changed = sdl.replace('name: String', 'name: String nickname: String');
  await test.swap(
    expectSupergraph(
      composeSupergraph([
        { name: 'clocks', url: clocks?.url ?? '', sdl: supergraph.clocksSdl },
        { name, url, sdl: changed },
      ]),
    ).supergraphSdl,
  );
  supergraph.tick('wall', 'u1');
  await sink.gets(1);
  expect(supergraph.listening).toHaveLength(1);
});
