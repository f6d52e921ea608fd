import { decodeCursor, partitionOf } from '@tributary/event-log';
import { afterEach, expect, it } from 'vitest';

import {
  caller,
  startTestSubscriptions,
  TestSink,
  type TestSubscriptions,
  type TestSubscriptionsOptions,
} from '../support/start-test-subscriptions.ts';
import { startTalkingSupergraph, type TalkingSupergraph } from '../support/talking-supergraph.ts';

let supergraph: TalkingSupergraph;
let test: TestSubscriptions;

async function start(options: Parameters<typeof startTestSubscriptions>[1] & TestSubscriptionsOptions = {}) {
  supergraph = await startTalkingSupergraph();
  test = await startTestSubscriptions(supergraph, options);
}
afterEach(async () => {
  await test.stop();
  await supergraph.stop();
});

const comment = { __typename: 'Comment', id: '7' };
const added = (event = {}) => test.publish('post.42.comment-added', comment, event);
const byRole = 'subscription { commentAdded(postId: 42) { author { rolesOfViewer } } }';
const plain = 'subscription { commentAdded(postId: 42) { body } }';
const asRoles = (...roles: readonly string[]) => ({ commentAdded: { author: { rolesOfViewer: roles } } });
const user = caller('2', { roles: ['USER'] });
const admin = caller('2', { roles: ['USER', 'ADMIN'] });
const as = (principal = user) => ({ principal, forwardedHeaders: undefined });

/** Lets the subgraph that is asked first wait with its answers; gives how many do, and a way to let them go. */
function holdComments() {
  const held: (() => void)[] = [];
  let isHeld = true;
  supergraph.subgraph('comments').misbehave((response) => {
    const answer = () =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"data":{"_entities":[{"body":"Agreed","author":{"__typename":"User","id":"2"}}]}}');
    if (isHeld) held.push(answer);
    else answer();
  });
  return {
    arrived: (count: number) => expect.poll(() => held.length).toBeGreaterThanOrEqual(count),
    release: () => {
      isHeld = false;
      for (const answer of held) answer();
    },
  };
}

/** Policies that are evaluated when the test says so, from the moment on that it holds them. */
function holdPolicies() {
  let gate: PromiseWithResolvers<void> | undefined;
  let asked = 0;
  return {
    evaluatePolicies: async (_principal: unknown, policies: readonly string[]) => {
      asked += 1;
      await gate?.promise;
      return policies;
    },
    hold: () => {
      gate = Promise.withResolvers();
      asked = 0;
    },
    asked: () => asked,
    release: () => gate?.resolve(),
  };
}

it('what is on its way is answered anew for a token that has fewer rights, in its order', async () => {
  await start();
  const { sink, handle } = await test.subscribe(byRole, { principal: admin });
  const comments = holdComments();
  await added();
  await added();
  await comments.arrived(2);
  handle.refresh(as(user));
  comments.release();
  await added();
  await sink.gets(3);
  expect(sink.data).toEqual([asRoles('USER'), asRoles('USER'), asRoles('USER')]);
});

it('nobody else is answered by the new token, though it is of the same user', async () => {
  await start();
  const renewed = await test.subscribe(byRole, { principal: user });
  const other = await test.subscribe(byRole, { principal: user });
  expect(test.subscriptions.stats().groups).toBe(1);
  renewed.handle.refresh(as(admin));
  await added();
  await Promise.all([renewed.sink.gets(1), other.sink.gets(1)]);
  expect(other.sink.data).toEqual([asRoles('USER')]);
  expect(renewed.sink.data).toEqual([asRoles('USER', 'ADMIN')]);
});

it('what comes while the new rights are looked up waits for them, each event once', async () => {
  const policies = holdPolicies();
  await start(policies);
  const query = 'subscription { commentAdded(postId: 42) { author { phone rolesOfViewer } } }';
  const { sink, handle } = await test.subscribe(query, { principal: admin });
  const other = await test.subscribe(query, { principal: admin });
  policies.hold();
  handle.refresh(as(user));
  await expect.poll(policies.asked).toBe(1);
  await added();
  await added();
  policies.release();
  await Promise.all([sink.gets(2), other.sink.gets(2)]);
  const [, first] = sink.data;
  expect(first).toEqual({ commentAdded: { author: { phone: '1234', rolesOfViewer: ['USER'] } } });
  expect(other.sink.data[0]).toEqual({
    commentAdded: { author: { phone: '1234', rolesOfViewer: ['USER', 'ADMIN'] } },
  });
  expect(sink.results).toHaveLength(2);
});

it('the last of several tokens counts, however long the ones before take', async () => {
  const policies = holdPolicies();
  await start(policies);
  const query = 'subscription { commentAdded(postId: 42) { author { phone rolesOfViewer } } }';
  const { sink, handle } = await test.subscribe(query, { principal: user });
  policies.hold();
  handle.refresh(as(admin));
  handle.refresh(as(caller('2', { roles: ['GUEST'] })));
  handle.refresh(as(user));
  await expect.poll(policies.asked).toBe(3);
  policies.release();
  await added();
  await sink.gets(1);
  expect(sink.data).toEqual([{ commentAdded: { author: { phone: '1234', rolesOfViewer: ['USER'] } } }]);
  expect(test.subscriptions.stats().groups).toBe(1);
});

it('a reader that is slow gets nothing that its new token may not see, and is told', async () => {
  await start();
  const sink = new TestSink();
  sink.isReading = false;
  const { handle } = await test.subscribe(byRole, { principal: admin, sink });
  const other = await test.subscribe(byRole, { principal: admin });
  for (let times = 0; times < 3; times += 1) await added();
  await other.sink.gets(3);
  handle.refresh(as(user));
  sink.isReading = true;
  handle.resumeReading();
  await added();
  await sink.gets(2);
  expect(sink.data).toEqual([asRoles('USER', 'ADMIN'), asRoles('USER')]);
  expect(sink.answers[1]?.extensions?.event.dropped).toBe(2);
});

it('a reader that is slow keeps what waits for it where the new token takes nothing away', async () => {
  await start();
  const sink = new TestSink();
  sink.isReading = false;
  const { handle } = await test.subscribe(byRole, { principal: user, sink });
  const other = await test.subscribe(byRole, { principal: user });
  for (let times = 0; times < 3; times += 1) await added();
  await other.sink.gets(3);
  handle.refresh(as(admin));
  sink.isReading = true;
  handle.resumeReading();
  await sink.gets(3);
  expect(sink.data).toEqual([asRoles('USER'), asRoles('USER'), asRoles('USER')]);
});

it('who is on the way back to the present goes on as the new token may, with each event once', async () => {
  await start();
  const first = await test.subscribe(byRole, { principal: admin, resume: {} });
  await first.sink.gets(1);
  const after = first.sink.answers[0]?.extensions?.event.cursor ?? '';
  for (let times = 0; times < 3; times += 1) await added();
  await first.sink.gets(4);
  first.handle.stop();
  const comments = holdComments();
  const { sink, handle } = await test.subscribe(byRole, { principal: admin, resume: { after } });
  await comments.arrived(3);
  await added();
  await comments.arrived(4);
  handle.refresh(as(user));
  comments.release();
  await added();
  await sink.gets(5);
  expect(sink.data).toEqual(Array.from({ length: 5 }, () => asRoles('USER')));
  expect(new Set(sink.answers.map(({ extensions }) => extensions?.event.cursor)).size).toBe(5);
});

it('an event with an audience is not for a token that no longer has its role', async () => {
  await start();
  const { sink, handle } = await test.subscribe(plain, { principal: admin });
  const comments = holdComments();
  await added({ audience: { roles: ['ADMIN'] } });
  await comments.arrived(1);
  handle.refresh(as(user));
  comments.release();
  await added();
  await sink.gets(1);
  await added();
  await sink.gets(2);
  const cursors = sink.answers.map(({ extensions }) => extensions?.event.cursor);
  expect(cursors).toHaveLength(2);
  expect(test.lines).toContainEqual(
    expect.objectContaining({ security: true, reason: 'not in the audience', user: '2' }),
  );
});

it('an event that is not meant for the new token does not come, though it was on its way', async () => {
  await start();
  const query = 'subscription { commentReported { body } }';
  const { sink, handle } = await test.subscribe(query, { principal: admin });
  const comments = holdComments();
  await added();
  await comments.arrived(1);
  handle.refresh(as(user));
  comments.release();
  await expect.poll(() => test.subscriptions.stats().groups).toBe(1);
  await added();
  handle.refresh(as(admin));
  await added();
  await sink.gets(1);
  const partition = partitionOf('comments', comment);
  const cursors = sink.answers.map(({ extensions }) => decodeCursor(extensions?.event.cursor ?? ''));
  expect(cursors.map((cursor) => cursor.get(partition))).toEqual([3]);
});

it('rights that change no answer leave a subscriber with the others', async () => {
  await start();
  const subscribers = await Promise.all(
    ['1', '2', '3'].map((sub) => test.subscribe(plain, { principal: caller(sub) })),
  );
  subscribers[0]?.handle.refresh(as(caller('1', { roles: ['ADMIN'] })));
  await added();
  for (const { sink } of subscribers) await sink.gets(1);
  expect(test.subscriptions.stats().groups).toBe(1);
  expect(supergraph.subgraph('comments').requests).toHaveLength(1);
});

it('who gets other rights joins those who have them, where nothing is on its way', async () => {
  await start();
  const admins = await test.subscribe(byRole, { principal: admin });
  const { sink, handle } = await test.subscribe(byRole, { principal: user });
  handle.refresh(as(admin));
  await expect.poll(() => test.subscriptions.stats().groups).toBe(1);
  await added();
  await Promise.all([sink.gets(1), admins.sink.gets(1)]);
  expect(sink.results[0]).toBe(admins.sink.results[0]);
});

it('a new supergraph that comes meanwhile is the one that goes on', async () => {
  const policies = holdPolicies();
  await start(policies);
  const query = 'subscription { commentAdded(postId: 42) { author { phone rolesOfViewer } } }';
  const { sink, handle } = await test.subscribe(query, { principal: admin });
  const before = test.supergraph.current();
  policies.hold();
  handle.refresh(as(user));
  await expect.poll(policies.asked).toBe(1);
  const swapped = test.swap(supergraph.sdl.replace('isViewer:', 'isTheViewer:'));
  policies.release();
  await swapped;
  await before.retire();
  await added();
  await sink.gets(1);
  expect(sink.data).toEqual([{ commentAdded: { author: { phone: '1234', rolesOfViewer: ['USER'] } } }]);
});

it('ends with its code where the new token may not follow it any more', async () => {
  await start();
  const { handle, sink } = await test.subscribe('subscription { mentioned { body } }', { principal: user });
  // No channel of nobody's can be named.
  handle.refresh(as({ roles: [], scopes: [] }));
  await sink.isOverSoon();
  expect(sink.codes).toHaveLength(1);
  expect(test.subscriptions.stats()).toEqual({ subscribers: 0, groups: 0, patterns: 0 });
});

it('subgraphs see the forwarded headers of the new token, also for what is on its way', async () => {
  await start();
  const headers = { authorization: 'Bearer old', 'x-tenant': 't' };
  const { sink, handle } = await test.subscribe(byRole, { principal: user, headers });
  const comments = holdComments();
  await added();
  await comments.arrived(1);
  handle.refresh({
    principal: user,
    forwardedHeaders: { authorization: 'Bearer new', 'x-tenant': 't' },
  });
  const seen = supergraph.subgraph('comments').requests.length;
  comments.release();
  await added();
  await sink.gets(2);
  const later = [
    ...supergraph.subgraph('comments').requests.slice(seen),
    ...supergraph.subgraph('users').requests,
  ];
  expect(new Set(later.map((request) => request.headers.authorization))).toEqual(new Set(['Bearer new']));
  expect(later[0]?.headers['x-tenant']).toBe('t');
  expect(sink.results).toHaveLength(2);
});
