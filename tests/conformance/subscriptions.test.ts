import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { SharedResult, SubscriberSink } from '../../gateway/src/subscriptions/subscriber-sink.ts';
import { startTestSubscriptions, type TestSubscriptions } from '../support/start-test-subscriptions.ts';
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
const commentAdded =
  'subscription ($post: ID!) { commentAdded(postId: $post) { body author { name } post { title } } }';
const whole = {
  commentAdded: { body: 'Agreed', author: { name: 'Grace' }, post: { title: 'On engines' } },
};
const on42 = { variables: { post: '42' } };
const added = (post = '42') => test.publish(`post.${post}.comment-added`, comment);

const fetchCounts = () =>
  ['users', 'posts', 'comments'].map((name) => supergraph.subgraph(name).requests.length);

describe('a subscription', () => {
  it('gets each event of its channel, resolved across subgraphs, with the fields that it selects', async () => {
    const { sink } = await test.subscribe(commentAdded, on42);
    await added('43');
    await added();
    await sink.gets(1);
    expect(sink.answers).toEqual([{ data: whole, extensions: { event: { cursor: expect.any(String) } } }]);
    expect(fetchCounts()).toEqual([1, 1, 1]);
  });

  it('gets an event once, by however many of its channels it comes', async () => {
    const { sink } = await test.subscribe(
      'subscription { postActivity(postId: 42) { __typename ... on Comment { body } } }',
    );
    await added();
    await test.publish('post.42.liked', { __typename: 'Like', id: '1' });
    await added();
    await sink.gets(2);
    expect(sink.data).toEqual([
      { postActivity: { __typename: 'Comment', body: 'Agreed' } },
      { postActivity: { __typename: 'Comment', body: 'Agreed' } },
    ]);
  });

  it('gets the events only that its filter lets through', async () => {
    const query = 'subscription ($a: [ID!]) { commentAddedBy(authors: $a) { id } }';
    const some = await test.subscribe(query, { variables: { a: ['2'] } });
    const all = await test.subscribe(query);
    for (const authorId of ['1', '2']) {
      await test.publish('post.42.comment-added', { ...comment, id: authorId }, { data: { authorId } });
    }
    await all.sink.gets(2);
    expect(some.sink.data).toEqual([{ commentAddedBy: { id: '2' } }]);
  });

  it('follows the caller where its channel does', async () => {
    const query = 'subscription { mentioned { body } }';
    const { caller } = await import('../support/start-test-subscriptions.ts');
    const ada = await test.subscribe(query, { principal: caller('1') });
    const grace = await test.subscribe(query, { principal: caller('2') });
    const nobody = await test.subscribe(query);
    expect(nobody.sink.codes).toEqual(['UNAUTHENTICATED']);
    await test.publish('user.1.mentioned', comment);
    await ada.sink.gets(1);
    expect(grace.sink.results).toEqual([]);
    expect(test.subscriptions.stats().groups).toBe(2);
  });

  it('goes on when an entity among many is gone, and ends when its own is', async () => {
    const many = await test.subscribe(commentAdded, on42);
    const one = await test.subscribe('subscription { postUpdated(postId: 42) { title } }');
    await test.publish('post.42.comment-added', { __typename: 'Comment', id: '8' });
    await added();
    await many.sink.gets(1);
    expect(many.sink.isOver).toBe(false);
    supergraph.data.posts.clear();
    await test.publish('post.42.deleted', { __typename: 'Post', id: '42' });
    await one.sink.isOverSoon();
    expect(one.sink).toMatchObject({ results: [], isEnded: true, errors: undefined });
    expect(one.handle.isOpen).toBe(false);
  });

  it('goes on after an event that a subgraph could not answer, and is told', async () => {
    const { sink } = await test.subscribe(commentAdded, on42);
    supergraph.subgraph('comments').misbehave((response) => response.destroy());
    await added();
    await sink.gets(1);
    supergraph.subgraph('comments').misbehave(undefined);
    await added();
    await sink.gets(2);
    expect(sink.answers[0]).toMatchObject({
      data: { commentAdded: null },
      errors: [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }],
      extensions: { event: { cursor: expect.any(String) } },
    });
    expect(sink.data[1]).toEqual(whole);
  });

  it('ends when it got nothing for as long as one may wait, and not while it gets something', async () => {
    await test.stop();
    test = await startTestSubscriptions(supergraph, { subscriptionInactivityMs: 1500 });
    const quiet = await test.subscribe(commentAdded, { variables: { post: '43' } });
    const busy = await test.subscribe(commentAdded, on42);
    const isQuietOver = async () => {
      await added();
      return quiet.sink.isOver;
    };
    await expect.poll(isQuietOver, { timeout: 20_000, interval: 100 }).toBe(true);
    expect([quiet.sink.codes, quiet.handle.isOpen]).toEqual([['SUBSCRIPTION_INACTIVE'], false]);
    expect([busy.sink.isOver, test.subscriptions.stats().subscribers]).toEqual([false, 1]);
  });

  it('waits a moment for a subgraph that is away, and then has lost nothing', async () => {
    await test.stop();
    test = await startTestSubscriptions(supergraph, { retryDelaysMs: [1, 1] });
    const { sink } = await test.subscribe(commentAdded, on42);
    let failures = 0;
    supergraph.subgraph('comments').misbehave((response) => {
      failures += 1;
      if (failures === 2) supergraph.subgraph('comments').misbehave(undefined);
      response.destroy();
    });
    await added();
    await sink.gets(1);
    expect(sink.answers[0]).toEqual({ data: whole, extensions: { event: { cursor: expect.any(String) } } });
  });

  it('gets its events in order, though later ones are answered sooner', async () => {
    const { sink } = await test.subscribe('subscription { commentAdded(postId: 42) { id body } }');
    let held: (() => void) | undefined;
    supergraph.subgraph('comments').misbehave((response, { variables }) => {
      const [{ id }] = variables['representations'] as [{ id: string }];
      const answer = () =>
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ data: { _entities: [{ id, body: id }] } }));
      if (id === '1') held = answer;
      else answer();
      if (id === '5') held?.();
    });
    for (const id of ['1', '2', '3', '4', '5'])
      await test.publish('post.42.comment-added', { __typename: 'Comment', id });
    await sink.gets(5);
    expect(sink.data.map((data) => (data as { commentAdded: { id: string } }).commentAdded.id)).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
    ]);
  });

  it('sees the state after each event, not what another event has asked for before', async () => {
    const { sink } = await test.subscribe('subscription { commentAdded(postId: 42) { body } }');
    const bodies = ['first', 'second'];
    const answers: (() => void)[] = [];
    supergraph.subgraph('comments').misbehave((response) => {
      // What is read is read when the request arrives, and sent when both are there.
      const text = JSON.stringify({ data: { _entities: [{ body: bodies.shift() }] } });
      answers.push(() => response.writeHead(200, { 'content-type': 'application/json' }).end(text));
      if (answers.length === 2) for (const answer of answers) answer();
    });
    await added();
    await expect.poll(() => answers.length).toBe(1);
    await added();
    await sink.gets(2);
    expect(sink.data).toEqual([{ commentAdded: { body: 'first' } }, { commentAdded: { body: 'second' } }]);
  });
});

describe('subscribers of the same', () => {
  it('have each event fetched once and written once, ten thousand of them', async () => {
    const received: SharedResult[] = [];
    const { promise: all, resolve } = Promise.withResolvers<void>();
    const sink: SubscriberSink = {
      next: (result) => {
        received.push(result);
        if (received.length === 30_000) resolve();
        return true;
      },
      end: () => undefined,
      error: () => undefined,
    };
    for (let index = 0; index < 10_000; index += 1) await test.subscribe(commentAdded, { ...on42, sink });
    expect(test.subscriptions.stats()).toEqual({ subscribers: 10_000, groups: 1, patterns: 1 });
    for (let event = 0; event < 3; event += 1) await added();
    await all;
    expect(fetchCounts()).toEqual([3, 3, 3]);
    expect(new Set(received.map(({ bytes }) => bytes)).size).toBe(3);
    expect(test.counts).toMatchObject({ answered: 3, delivered: 30_000, dropped: 0 });
  });

  it('do not end with the first of them that leaves', async () => {
    const first = await test.subscribe(commentAdded, on42);
    const second = await test.subscribe(commentAdded, on42);
    await added();
    await Promise.all([first.sink.gets(1), second.sink.gets(1)]);
    first.handle.stop();
    first.handle.stop();
    await added();
    await second.sink.gets(2);
    expect(first.sink.results).toHaveLength(1);
    expect(first.sink.isOver).toBe(false);
    second.handle.stop();
    expect(test.subscriptions.stats()).toEqual({ subscribers: 0, groups: 0, patterns: 0 });
  });

  it('are none of each other where they ask for other fields, or by other headers', async () => {
    await test.subscribe(commentAdded, on42);
    await test.subscribe(commentAdded, { variables: { post: '42', other: 1 } });
    await test.subscribe('subscription { commentAdded(postId: 42) { body } }');
    await test.subscribe(commentAdded, { ...on42, headers: { 'accept-language': 'de' } });
    await test.subscribe(commentAdded, { variables: { post: '43' } });
    expect(test.subscriptions.stats()).toMatchObject({ subscribers: 5, groups: 4 });
  });

  it('leave nothing behind, however they leave', async () => {
    for (let round = 0; round < 5; round += 1) {
      const leaving = new AbortController();
      const signal = leaving.signal;
      const opened = await Promise.all(
        ['42', '43'].map((post) => test.subscribe(commentAdded, { variables: { post }, signal })),
      );
      const stopped = await test.subscribe(commentAdded, on42);
      const ended = await test.subscribe('subscription { postUpdated(postId: 99) { title } }');
      await added();
      await test.publish('post.99.deleted', { __typename: 'Post', id: '99' });
      await Promise.all([opened[0]?.sink.gets(1), ended.sink.isOverSoon()]);
      stopped.handle.stop();
      leaving.abort(new Error('gone'));
    }
    expect(test.subscriptions.stats()).toEqual({ subscribers: 0, groups: 0, patterns: 0 });
    expect(test.counts.opened).toBe(test.counts.closed);
  });

  it('who all leave while an event is resolved are no mistake of anybody', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    supergraph.subgraph('comments').misbehave(() => resolve());
    const { handle, sink } = await test.subscribe(commentAdded, on42);
    await added();
    await asked;
    handle.stop();
    await new Promise((done) => void setImmediate(done));
    expect(sink.results).toEqual([]);
    expect(test.lines.filter(({ level }) => level === 'fatal' || level === 'error')).toEqual([]);
    expect(test.subscriptions.stats()).toEqual({ subscribers: 0, groups: 0, patterns: 0 });
  });

  it('do not suffer from one whose transport is broken', async () => {
    const sink: SubscriberSink = {
      next: () => {
        throw new Error('broken');
      },
      end: () => undefined,
      error: () => undefined,
    };
    const broken = await test.subscribe(commentAdded, { ...on42, sink });
    const { sink: whole2 } = await test.subscribe(commentAdded, on42);
    await added();
    await whole2.gets(1);
    expect(broken.handle.isOpen).toBe(false);
    expect(test.lines).toContainEqual(
      expect.objectContaining({ msg: 'a transport failed to take a result' }),
    );
  });
});

describe('an operation by a transport', () => {
  it('may be a query: one result and the end', async () => {
    const { sink, handle } = await test.subscribe('{ post(id: 42) { title } }');
    expect(sink.answers).toEqual([{ data: { post: { title: 'On engines' } } }]);
    expect([sink.isEnded, handle.isOpen]).toEqual([true, false]);
    expect(test.observed).toMatchObject([{ status: 200, codes: [], bytes: 40 }]);
  });

  it.each([
    ['subscription { nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['subscription {', 'GRAPHQL_PARSE_FAILED'],
    [commentAdded, 'BAD_USER_INPUT'],
    ['subscription { commentAdded(postId: "") { id } }', 'BAD_USER_INPUT'],
    [`subscription { commentAdded(postId: "${'x'.repeat(1000)}") { id } }`, 'BAD_USER_INPUT'],
  ])('is refused as by HTTP: %s', async (query, code) => {
    const { sink, handle } = await test.subscribe(query);
    expect(sink.codes).toEqual([code]);
    expect([sink.results.length, handle.isOpen]).toEqual([0, false]);
    expect(test.observed[0]).toMatchObject({ status: 400, codes: [code] });
    expect(test.subscriptions.stats().groups).toBe(0);
  });
});
