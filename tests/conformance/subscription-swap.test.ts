import { decodeCursor, partitionOf } from '@tributary/event-log';
import { composeSupergraph, expectSupergraph } from '@tributary/planning';
import { afterEach, beforeEach, expect, it } from 'vitest';

import {
  caller,
  startTestSubscriptions,
  type TestSubscriptions,
} from '../support/start-test-subscriptions.ts';
import { startTalkingSupergraph, type TalkingSupergraph } from '../support/talking-supergraph.ts';

let supergraph: TalkingSupergraph;
let test: TestSubscriptions;

beforeEach(async () => {
  supergraph = await startTalkingSupergraph();
  test = await startTestSubscriptions(supergraph);
});
afterEach(async () => {
  await test.stop();
  await supergraph.stop();
});

const comment = { __typename: 'Comment', id: '7' };
const added = () => test.publish('post.42.comment-added', comment);
const names = ['users', 'posts', 'comments'];

/** The same subgraphs with another schema of one of them; each still answers as it did. */
const changed = (name: string, change: (sdl: string) => string): string =>
  expectSupergraph(
    composeSupergraph(
      names.map((each) => {
        const { url, sdl } = supergraph.subgraph(each);
        return { name: each, url, sdl: each === name ? change(sdl) : sdl };
      }),
    ),
  ).supergraphSdl;

const withField = () =>
  changed('users', (sdl) => sdl.replace('name: String', 'name: String nickname: String'));

it('a new supergraph changes nothing for subscriptions that it has too', async () => {
  const query = 'subscription { commentAdded(postId: 42) { body author { name } } }';
  const subscribers = await Promise.all(Array.from({ length: 3 }, () => test.subscribe(query)));
  const before = test.supergraph.current();
  await added();
  await test.swap(withField());
  await added();
  for (const { sink } of subscribers) {
    await sink.gets(2);
    expect(sink.data[1]).toEqual({ commentAdded: { body: 'Agreed', author: { name: 'Grace' } } });
    expect(sink.isOver).toBe(false);
  }
  expect(test.subscriptions.stats()).toEqual({ subscribers: 3, groups: 1, patterns: 1 });
  // Nobody holds the old one any more: this would never end.
  await before.retire();
  const late = await test.subscribe(query);
  expect(test.subscriptions.stats().groups).toBe(1);
  expect(late.handle.isOpen).toBe(true);
});

it('loses and repeats nothing while supergraphs are taken up again and again', async () => {
  const { sink } = await test.subscribe('subscription { commentAdded(postId: 42) { id author { name } } }');
  const traffic = { isOn: true, published: 0 };
  const publishing = (async () => {
    while (traffic.isOn) {
      await added();
      traffic.published += 1;
      await new Promise((resolve) => void setImmediate(resolve));
    }
  })();
  for (let swap = 0; swap < 3; swap += 1) {
    await test.swap(withField());
    await test.swap(supergraph.sdl);
  }
  traffic.isOn = false;
  await publishing;
  await sink.gets(traffic.published);
  expect(new Set(sink.answers.map(({ extensions }) => extensions?.event.cursor)).size).toBe(
    traffic.published,
  );
  expect(sink.results).toHaveLength(traffic.published);
});

it('follows the channels that the new one names', async () => {
  const { sink } = await test.subscribe('subscription { commentAdded(postId: 42) { body } }');
  await test.swap(
    changed('comments', (sdl) =>
      sdl.replace('post.{args.postId}.comment-added', 'thread.{args.postId}.comment-added'),
    ),
  );
  await added();
  await test.publish('thread.42.comment-added', comment);
  await sink.gets(1);
  await added();
  expect(sink.results).toHaveLength(1);
});

it('ends what is no longer valid with an error that says why, and nothing else', async () => {
  const invalid = await test.subscribe('subscription { commentAdded(postId: 42) { author { name } } }');
  const valid = await test.subscribe('subscription { commentAdded(postId: 42) { body } }');
  await test.swap(changed('users', (sdl) => sdl.replace('name: String', 'fullName: String')));
  expect(invalid.sink.errors).toMatchObject([
    {
      code: 'GRAPHQL_VALIDATION_FAILED',
      formatted: { message: 'Cannot query field "name" on type "User".' },
    },
  ]);
  expect(invalid.handle.isOpen).toBe(false);
  await added();
  await valid.sink.gets(1);
  expect(test.subscriptions.stats().groups).toBe(1);
});

it('answers apart whom the new one tells apart, each with every event', async () => {
  supergraph.subgraph('users').misbehave(undefined);
  const query = 'subscription { commentAdded(postId: 42) { author { name } } }';
  const known = await Promise.all(
    ['1', '2', '2'].map((sub) => test.subscribe(query, { principal: caller(sub) })),
  );
  const nobody = await test.subscribe(query);
  const all = [...known, nobody];
  expect(test.subscriptions.stats().groups).toBe(1);
  await added();
  await test.swap(changed('users', (sdl) => sdl.replace('name: String', 'name: String @authenticated')));
  expect(test.subscriptions.stats()).toMatchObject({ subscribers: 4, groups: 3 });
  await added();
  for (const { sink } of all) await sink.gets(2);
  for (const { sink } of known) {
    expect(sink.data).toEqual(
      Array.from({ length: 2 }, () => ({ commentAdded: { author: { name: 'Grace' } } })),
    );
  }
  expect(nobody.sink.data).toEqual([
    { commentAdded: { author: { name: 'Grace' } } },
    { commentAdded: { author: { name: null } } },
  ]);
  for (const { handle } of all) handle.stop();
  expect(test.subscriptions.stats()).toEqual({ subscribers: 0, groups: 0, patterns: 0 });
});

it('asks anew for what was on its way to those who are told apart, and gives it to them in its order', async () => {
  const query = 'subscription { commentAdded(postId: 42) { author { name } } }';
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  let isHeld = false;
  supergraph.subgraph('comments').misbehave((response) => {
    const answer = () =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"data":{"_entities":[{"author":{"__typename":"User","id":"1"}}]}}');
    if (isHeld) answer();
    else void held.then(answer);
    isHeld = true;
  });
  const { sink } = await test.subscribe(query, { principal: caller('1') });
  await added();
  await expect.poll(() => isHeld).toBe(true);
  await test.swap(changed('users', (sdl) => sdl.replace('name: String', 'name: String @authenticated')));
  // Both events are answered by the new program while the old one still waits for the first.
  const other = await test.subscribe(query, { principal: caller('2') });
  await added();
  await other.sink.gets(1);
  await sink.gets(2);
  release();
  expect(test.counts.answered).toBe(4);
  const partition = partitionOf('comments', comment);
  const seqs = sink.answers.map(({ extensions }) =>
    decodeCursor(extensions?.event.cursor ?? '').get(partition),
  );
  expect(seqs).toEqual([1, 2]);
});

it('ends for those only who may no longer follow it', async () => {
  const query = 'subscription { commentAdded(postId: 42) { body } }';
  const nobody = await test.subscribe(query);
  const known = await test.subscribe(query, { principal: caller('1') });
  await test.swap(
    changed('comments', (sdl) =>
      sdl.replace('commentAdded(postId: ID!): Comment', 'commentAdded(postId: ID!): Comment @authenticated'),
    ),
  );
  expect(nobody.sink.codes).toEqual(['FORBIDDEN']);
  await added();
  await known.sink.gets(1);
  expect(known.sink.isOver).toBe(false);
  const late = await test.subscribe(query);
  expect(late.sink.codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE']);
});

it('holds no supergraph for subscriptions that were refused or have ended', async () => {
  const query = 'subscription { commentAdded(postId: 42) { body } }';
  const before = test.supergraph.current();
  await test.subscribe(query, { resume: { after: 'nonsense' } });
  await test.subscribe('subscription { commentAdded(postId: "") { body } }');
  const { handle } = await test.subscribe(query);
  const resumed = await test.subscribe(query, { resume: {} });
  handle.stop();
  resumed.handle.stop();
  await test.swap(withField());
  await before.retire();
  expect(test.subscriptions.stats().subscribers).toBe(0);
});
