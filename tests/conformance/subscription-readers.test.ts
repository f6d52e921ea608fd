import { afterEach, describe, expect, it } from 'vitest';

import type { Principal } from '../../gateway/src/identity/principal.ts';
import type { StartSubscriptionsOptions } from '../../gateway/src/subscriptions/start-subscriptions.ts';
import {
  caller,
  startTestSubscriptions,
  TestSink,
  type TestSubscriptions,
  type TestSubscriptionsOptions,
} from '../support/start-test-subscriptions.ts';
import { callerOf, startTalkingSupergraph, type TalkingSupergraph } from '../support/talking-supergraph.ts';

let supergraph: TalkingSupergraph;
let test: TestSubscriptions;

async function start(
  options: Partial<StartSubscriptionsOptions> & TestSubscriptionsOptions = {},
  schema: Parameters<typeof startTalkingSupergraph>[0] = {},
) {
  supergraph = await startTalkingSupergraph(schema);
  test = await startTestSubscriptions(supergraph, options);
}
afterEach(async () => {
  await test.stop();
  await supergraph.stop();
});

const comment = { __typename: 'Comment', id: '7' };
const added = (event = {}) => test.publish('post.42.comment-added', comment, event);
const plain = 'subscription { commentAdded(postId: 42) { body } }';
const large = 'x'.repeat(10_000);

describe('who reads slowly', () => {
  const query = 'subscription { commentAdded(postId: 42) { id body } }';
  const publishLarge = (id: number) =>
    test.publish(
      'post.42.comment-added',
      { __typename: 'Comment', id: String(id) },
      { data: { body: large.slice(0, 5000) } },
    );
  const idsOf = ({ data }: TestSink) =>
    data.map((each) => Number((each as { commentAdded: { id: string } }).commentAdded.id));

  it('loses its oldest events and is told, and nobody waits for it', async () => {
    await start({ delivery: { maxQueueBytes: 20_000, whenSlow: 'drop' } });
    const slow = new TestSink();
    slow.isReading = false;
    const { handle } = await test.subscribe(query, { sink: slow });
    const other = await test.subscribe(query);
    for (let id = 1; id <= 10; id += 1) await publishLarge(id);
    await other.sink.gets(10);
    expect(slow.results).toHaveLength(1);
    slow.isReading = true;
    handle.resumeReading();
    await slow.gets(4);
    expect(idsOf(slow)).toEqual([1, 8, 9, 10]);
    expect(slow.answers.map(({ extensions }) => extensions?.event.dropped)).toEqual([
      undefined,
      6,
      undefined,
      undefined,
    ]);
    expect(slow.answers[1]?.extensions?.event.cursor).toBe(other.sink.answers[7]?.extensions?.event.cursor);
    expect(other.sink.answers.every(({ extensions }) => extensions?.event.dropped === undefined)).toBe(true);
    expect(test.counts.dropped).toBe(6);
    await publishLarge(11);
    await slow.gets(5);
    expect(idsOf(slow).at(-1)).toBe(11);
  });

  it('is closed instead where the gateway is set so', async () => {
    await start({ delivery: { maxQueueBytes: 20_000, whenSlow: 'close' } });
    const slow = new TestSink();
    slow.isReading = false;
    await test.subscribe(query, { sink: slow });
    const other = await test.subscribe(query);
    for (let id = 1; id <= 10; id += 1) await publishLarge(id);
    await other.sink.gets(10);
    expect([slow.results.length, slow.codes]).toEqual([1, ['SUBSCRIBER_TOO_SLOW']]);
    expect(test.subscriptions.stats().subscribers).toBe(1);
  });

  it('stops reading in the middle of what has waited for it', async () => {
    await start({ delivery: { maxQueueBytes: 100_000, whenSlow: 'drop' } });
    const slow = new TestSink();
    slow.isReading = false;
    const { handle } = await test.subscribe(query, { sink: slow });
    const other = await test.subscribe(query);
    for (let id = 1; id <= 4; id += 1) await publishLarge(id);
    await other.sink.gets(4);
    for (let count = 2; count <= 4; count += 1) {
      handle.resumeReading();
      expect(slow.results).toHaveLength(count);
    }
    handle.resumeReading();
    handle.resumeReading();
    expect(idsOf(slow)).toEqual([1, 2, 3, 4]);
  });
});

describe('two users', () => {
  const viewer = 'subscription { commentAdded(postId: 42) { author { isViewer } } }';
  const subscribeBoth = async () => {
    const [ada, grace] = await Promise.all(
      ['1', '2'].map((sub) => test.subscribe(viewer, { principal: caller(sub) })),
    );
    await added();
    await Promise.all([ada?.sink.gets(1), grace?.sink.gets(1)]);
    return [ada, grace].map((each) => each?.sink.data[0]);
  };

  it('never share what depends on who asks', async () => {
    await start();
    expect(await subscribeBoth()).toEqual([
      { commentAdded: { author: { isViewer: false } } },
      { commentAdded: { author: { isViewer: true } } },
    ]);
    expect(test.subscriptions.stats().groups).toBe(2);
    const asked = supergraph.subgraph('users').requests.map(({ headers }) => callerOf(headers));
    expect(new Set(asked)).toEqual(new Set(['1', '2']));
    // What does not depend on it is not told, and is one request for both.
    expect(supergraph.subgraph('comments').requests.map(({ headers }) => callerOf(headers))).toEqual([
      undefined,
    ]);
  });

  it('would be seen to share it where the mark is missing', async () => {
    await start({}, { marksViewer: false });
    const [ada, grace] = await subscribeBoth();
    expect(ada).toEqual(grace);
    expect(test.subscriptions.stats().groups).toBe(1);
  });

  it('never share what only one of them may see', async () => {
    await start();
    const email = 'subscription { commentAdded(postId: 42) { author { email } } }';
    const grace = await test.subscribe(email, { principal: caller('2') });
    const nobody = await test.subscribe(email);
    await added();
    await Promise.all([grace.sink.gets(1), nobody.sink.gets(1)]);
    expect(grace.sink.data).toEqual([{ commentAdded: { author: { email: 'grace@example.org' } } }]);
    expect(nobody.sink.answers).toMatchObject([
      {
        data: { commentAdded: { author: { email: null } } },
        errors: [{ extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } }],
      },
    ]);
  });

  it('share everything else, also the fetches of different groups for one event', async () => {
    await start();
    const [ada, grace] = await Promise.all(
      ['1', '2'].map((sub) => test.subscribe(plain, { principal: caller(sub) })),
    );
    const other = await test.subscribe('subscription { x: commentAdded(postId: 42) { y: body } }');
    await added();
    await Promise.all([ada?.sink.gets(1), grace?.sink.gets(1), other.sink.gets(1)]);
    expect(ada?.sink.results[0]).toBe(grace?.sink.results[0]);
    expect(other.sink.data).toEqual([{ x: { y: 'Agreed' } }]);
    expect(supergraph.subgraph('comments').requests).toHaveLength(1);
  });
});

const security = (reason: string) =>
  test.lines.filter((line) => line['security'] === true && line['reason'] === reason);

describe('an event with an audience', () => {
  it('goes to whom it is for, resolved as they, and to nobody else', async () => {
    await start();
    const [ada, grace, admin, nobody] = await Promise.all(
      [caller('1'), caller('2'), caller('3', { roles: ['ADMIN'] }), undefined].map((principal) =>
        test.subscribe(plain, principal ? { principal } : {}),
      ),
    );
    expect(test.subscriptions.stats().groups).toBe(1);
    await added({ audience: { principals: ['2'], roles: ['ADMIN'] } });
    await added();
    await Promise.all([ada?.sink.gets(1), grace?.sink.gets(2), admin?.sink.gets(2), nobody?.sink.gets(1)]);
    expect([ada?.sink.results.length, nobody?.sink.results.length]).toEqual([1, 1]);
    const asked = supergraph.subgraph('comments').requests.map(({ headers }) => callerOf(headers));
    expect(asked).toHaveLength(3);
    expect(new Set(asked)).toEqual(new Set(['2', '3', undefined]));
    expect(security('not in the audience')).toMatchObject([
      { subscribers: 2, channel: 'post.42.comment-added', level: 'warn' },
    ]);
  });

  it('ends the subscription to what has become private', async () => {
    await start();
    const query = 'subscription { postUpdated(postId: 42) { title } }';
    const [ada, grace] = await Promise.all(
      ['1', '2'].map((sub) => test.subscribe(query, { principal: caller(sub) })),
    );
    const post = { __typename: 'Post', id: '42' };
    const hidden = { source: 'posts', audience: { principals: ['1'] } };
    await test.publish('post.42.updated', post, hidden);
    await Promise.all([ada?.sink.gets(1), grace?.sink.isOverSoon()]);
    expect(grace?.sink).toMatchObject({ results: [], codes: ['FORBIDDEN'] });
    await test.publish('post.42.updated', post, hidden);
    await ada?.sink.gets(2);
    expect(security('not in the audience')).toMatchObject([{ user: '2', subscribers: 1 }]);
  });
});

describe('a token', () => {
  const expiring = (expiresAt: number): Principal => caller('1', { expiresAt });

  it('that has expired ends the subscription at the next event, with its code', async () => {
    let now = Date.now();
    await start({ now: () => now });
    const short = await test.subscribe(plain, { principal: expiring(now / 1000 + 60) });
    const long = await test.subscribe(plain, { principal: expiring(now / 1000 + 600) });
    await added();
    await short.sink.gets(1);
    now += 60_000;
    await added();
    await Promise.all([long.sink.gets(2), short.sink.isOverSoon()]);
    expect([short.sink.results.length, short.sink.codes]).toEqual([1, ['UNAUTHENTICATED']]);
    expect(security('token expired')).toMatchObject([{ user: '1', subscribers: 1 }]);
  });

  it('that has expired ends the subscription also where nothing happens', async () => {
    let now = Date.now();
    await start({ now: () => now });
    const { sink } = await test.subscribe(plain, { principal: expiring(now / 1000 + 60) });
    now += 60_000;
    await sink.isOverSoon();
    expect(sink.codes).toEqual(['UNAUTHENTICATED']);
  });

  it('that was revoked ends the subscription', async () => {
    const revoked = new Set<string | undefined>();
    await start({ isRevoked: ({ sub }) => revoked.has(sub) });
    const [ada, grace] = await Promise.all(
      ['1', '2'].map((sub) => test.subscribe(plain, { principal: caller(sub) })),
    );
    revoked.add('1');
    await added();
    await Promise.all([ada?.sink.isOverSoon(), grace?.sink.gets(1)]);
    expect(ada?.sink).toMatchObject({ results: [], codes: ['UNAUTHENTICATED'] });
    expect(security('token revoked')).toMatchObject([{ user: '1' }]);
  });

  it('may be refreshed: the same rights go on, other ones count from the next event on', async () => {
    let now = Date.now();
    await start({ now: () => now });
    const renewed = (principal: Principal) => ({ principal, forwardedHeaders: undefined });
    const query = 'subscription { commentAdded(postId: 42) { author { isViewer } } }';
    const { sink, handle } = await test.subscribe(query, {
      principal: caller('2', { expiresAt: now / 1000 + 60 }),
    });
    handle.refresh(renewed(caller('2', { expiresAt: now / 1000 + 600 })));
    now += 60_000;
    await added();
    await sink.gets(1);
    handle.refresh(renewed(caller('2', { expiresAt: now / 1000 + 600, roles: ['ADMIN'] })));
    await expect.poll(() => test.subscriptions.stats().groups).toBe(1);
    await added();
    await sink.gets(2);
    expect(sink.data[1]).toEqual({ commentAdded: { author: { isViewer: true } } });
    expect(sink.isOver).toBe(false);
  });
});

it('a right that a policy takes back ends the subscription before the next event', async () => {
  const friends = new Set<string | undefined>(['1', '2']);
  await start({
    evaluatePolicies: async ({ sub }, policies) => (friends.has(sub) ? policies : []),
  });
  const query = 'subscription { commentAdded(postId: 42) { author { phone } } }';
  const [ada, grace] = await Promise.all(
    ['1', '2'].map((sub) => test.subscribe(query, { principal: caller(sub) })),
  );
  await added();
  await Promise.all([ada?.sink.gets(1), grace?.sink.gets(1)]);
  friends.delete('1');
  await added();
  await Promise.all([ada?.sink.isOverSoon(), grace?.sink.gets(2)]);
  expect(ada?.sink.codes).toEqual(['FORBIDDEN']);
  expect(ada?.sink.data).toEqual([{ commentAdded: { author: { phone: '1234' } } }]);
  expect(security('right revoked')).toMatchObject([{ user: '1', subscribers: 1 }]);
});
