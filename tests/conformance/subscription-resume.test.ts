import {
  createMemoryEventLog,
  decodeCursor,
  encodeCursor,
  partitionOf,
  type EventLog,
  type LoggedEvent,
} from '@tributary/event-log';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import {
  startTestSubscriptions,
  TestSink,
  type TestSubscriptions,
} from '../support/start-test-subscriptions.ts';
import { startTalkingSupergraph, type TalkingSupergraph } from '../support/talking-supergraph.ts';

let supergraph: TalkingSupergraph;
let test: TestSubscriptions;

beforeEach(async () => {
  supergraph = await startTalkingSupergraph();
  test = await startTestSubscriptions(supergraph, {
    eventLog: createMemoryEventLog({ retention: { maxEvents: 300 } }),
  });
});
afterEach(async () => {
  await test.stop();
  await supergraph.stop();
});

const byId = 'subscription ($post: ID!) { commentAdded(postId: $post) { id } }';
const on42 = { variables: { post: '42' } };
const publish = (id: number, post = 42) =>
  test.publish(`post.${post}.comment-added`, { __typename: 'Comment', id: String(id) });
const idsOf = (sink: TestSink) =>
  sink.data.map((data) => Number((data as { commentAdded: { id: string } }).commentAdded.id));
const cursorOf = (sink: TestSink) => sink.answers.at(-1)?.extensions?.event.cursor ?? '';
const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, index) => from + index);
/** By entity, since events of different ones have no order among each other. */
const sorted = (ids: readonly number[]) => ids.toSorted((one, other) => one - other);

/** The place in the log of every result, as a client finds it that goes away and resumes while events come. */
async function placesOfRestlessClient(total: number): Promise<readonly string[]> {
  const first = await test.subscribe(byId, { ...on42, resume: {} });
  first.handle.stop();
  const places: string[] = [];
  let after = cursorOf(first.sink);
  const publishing = (async () => {
    for (let n = 0; n < total; n += 1) {
      await publish(n % 7);
      if (n % 8 === 0) await new Promise((resolve) => void setImmediate(resolve));
    }
  })();
  while (places.length < total) {
    const { sink, handle } = await test.subscribe(byId, { ...on42, resume: { after } });
    await sink.gets(1);
    await new Promise((resolve) => void setImmediate(resolve));
    handle.stop();
    for (const [index, { extensions }] of sink.answers.entries()) {
      const id = String(idsOf(sink)[index]);
      const partition = partitionOf('comments', { __typename: 'Comment', id });
      places.push(`${partition}:${decodeCursor(extensions?.event.cursor ?? '').get(partition)}`);
    }
    after = cursorOf(sink);
  }
  await publishing;
  return places;
}

/** What is lost, there twice, or in another order than its partition's. */
function problemsOf(places: readonly string[], total: number): readonly string[] {
  const problems = places.length === total ? [] : [`${places.length} instead of ${total}`];
  const last = new Map<string, number>();
  for (const place of places) {
    const [partition = '', seq] = place.split(':');
    const expected = (last.get(partition) ?? 0) + 1;
    if (Number(seq) !== expected) problems.push(`${partition}: ${seq} instead of ${expected}`);
    last.set(partition, Number(seq));
  }
  return problems;
}

describe('a client that resumes', () => {
  it('gets what it missed, and then what comes', async () => {
    const first = await test.subscribe(byId, on42);
    await publish(1);
    await first.sink.gets(1);
    first.handle.stop();
    for (const id of upTo(4, 2)) await publish(id);
    await publish(99, 43);
    const again = await test.subscribe(byId, { ...on42, resume: { after: cursorOf(first.sink) } });
    await again.sink.gets(4);
    await publish(6);
    await again.sink.gets(5);
    expect(sorted(idsOf(again.sink))).toEqual([2, 3, 4, 5, 6]);
  });

  it('may go on from the cursor of any event that it has got', async () => {
    const { sink } = await test.subscribe(byId, on42);
    for (const id of upTo(8)) await publish(id);
    await sink.gets(8);
    const order = idsOf(sink);
    for (const [index, { extensions }] of sink.answers.entries()) {
      const after = extensions?.event.cursor ?? '';
      const again = await test.subscribe(byId, { ...on42, resume: { after } });
      await again.sink.gets(7 - index);
      expect(sorted(idsOf(again.sink))).toEqual(sorted(order.slice(index + 1)));
      again.handle.stop();
    }
  });

  it('is told where it begins when it asks before the first event, and misses nothing from there', async () => {
    const first = await test.subscribe(byId, { ...on42, resume: {} });
    expect(first.sink.answers).toEqual([
      { data: null, extensions: { event: { cursor: expect.any(String), opened: true } } },
    ]);
    first.handle.stop();
    await publish(1);
    const again = await test.subscribe(byId, { ...on42, resume: { after: cursorOf(first.sink) } });
    await again.sink.gets(1);
    expect(idsOf(again.sink)).toEqual([1]);
  });

  it('gets each event once and in the order of its entity, while others come all the time', async () => {
    const places = await placesOfRestlessClient(240);
    expect(problemsOf(places, 240)).toEqual([]);
  });

  it('that has read too much to keep meanwhile reads it again from the log', async () => {
    const first = await test.subscribe(byId, { ...on42, resume: {} });
    first.handle.stop();
    for (const id of upTo(20)) await publish(id);
    const slow = new TestSink();
    slow.isReading = false;
    const again = await test.subscribe(byId, {
      ...on42,
      resume: { after: cursorOf(first.sink) },
      sink: slow,
    });
    await slow.gets(1);
    // Large ones, more than may wait.
    for (const id of upTo(20, 21))
      await test.publish('post.42.comment-added', { __typename: 'Comment', id: `${id}${'0'.repeat(5000)}` });
    const other = await test.subscribe(byId, on42);
    await publish(1000);
    await other.sink.gets(1);
    slow.isReading = true;
    again.handle.resumeReading();
    await slow.gets(41);
    expect(slow.answers.some(({ extensions }) => extensions?.event.dropped !== undefined)).toBe(false);
    expect(new Set(slow.answers.map(({ data }) => JSON.stringify(data))).size).toBe(41);
  });

  it('gets once what was on its way to the others when it read again', async () => {
    const query = 'subscription { commentAdded(postId: 42) { id body } }';
    const first = await test.subscribe(query, { resume: {} });
    first.handle.stop();
    supergraph.data.comments.set('8', { id: '8', body: 'Yes', author: '1', post: '42' });
    for (const id of [7, 8]) await publish(id);
    const slow = new TestSink();
    slow.isReading = false;
    const again = await test.subscribe(query, { resume: { after: cursorOf(first.sink) }, sink: slow });
    await slow.gets(1);
    // More than may be kept for it, so that it reads again; then one that is still being resolved for the others.
    const entityOf = (id: number) => ({ __typename: 'Comment', id: String(id) });
    const partition = partitionOf('comments', entityOf(500));
    // Of one partition, so that what is held back is read last.
    const largeIds = upTo(300, 100)
      .filter((id) => partitionOf('comments', entityOf(id)) === partition)
      .slice(0, 20);
    for (const entity of largeIds.map(entityOf)) {
      await test.publish('post.42.comment-added', entity, { data: { body: 'x'.repeat(6000) } });
    }
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    let arrived = 0;
    supergraph.subgraph('comments').misbehave((response, { variables }) => {
      const [{ id }] = variables['representations'] as [{ id: string }];
      const answer = () =>
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ data: { _entities: [{ id, body: id }] } }));
      if (id !== '500') return answer();
      arrived += 1;
      return void held.then(answer);
    });
    await publish(500);
    await expect.poll(() => arrived).toBe(1);
    slow.isReading = true;
    again.handle.resumeReading();
    await slow.gets(22);
    // Who reads again waits for the same answer as the others by now.
    await new Promise((resolve) => void setImmediate(resolve));
    release();
    await slow.gets(23);
    await publish(501);
    await slow.gets(24);
    const ids = slow.data.map((data) => (data as { commentAdded: { id: string } }).commentAdded.id);
    expect(ids).toHaveLength(24);
    expect(new Set(ids).size).toBe(24);
  });

  it('is refused where the log no longer has what it missed', async () => {
    const first = await test.subscribe(byId, { ...on42, resume: {} });
    const after = cursorOf(first.sink);
    for (const _ of upTo(320)) await publish(1);
    const again = await test.subscribe(byId, { ...on42, resume: { after } });
    await again.sink.isOverSoon();
    expect([again.sink.codes, again.sink.results]).toEqual([['RESUME_TOO_OLD'], []]);
    expect(test.subscriptions.stats().subscribers).toBe(1);
  });

  it.each([['nonsense'], [`${encodeCursor(new Map([['posts.0', 1]]))}!`]])(
    'is refused with a cursor that is none: %s',
    async (after) => {
      const { sink } = await test.subscribe(byId, { ...on42, resume: { after } });
      expect(sink.codes).toEqual(['BAD_USER_INPUT']);
      expect(test.subscriptions.stats().groups).toBe(0);
    },
  );

  it('leaves nothing behind when it leaves while it catches up', async () => {
    const first = await test.subscribe(byId, { ...on42, resume: {} });
    first.handle.stop();
    for (const id of upTo(10)) await publish(id);
    const sink = new TestSink();
    sink.isReading = false;
    const again = await test.subscribe(byId, {
      ...on42,
      resume: { after: cursorOf(first.sink) },
      sink,
    });
    await sink.gets(1);
    again.handle.stop();
    await publish(11);
    expect(sink.results).toHaveLength(1);
    expect(test.subscriptions.stats()).toEqual({ subscribers: 0, groups: 0, patterns: 0 });
  });
});

/** Logs that do what must not happen to an event of the past. */
const saboteurs: Readonly<Record<string, (batch: readonly LoggedEvent[]) => readonly LoggedEvent[]>> = {
  loses: (batch) => batch.filter(({ position: { seq } }) => seq % 5 !== 0),
  repeats: (batch) => batch.flatMap((event) => (event.position.seq % 5 === 0 ? [event, event] : [event])),
  turns: (batch) => batch.toReversed(),
};

it.each(Object.keys(saboteurs))('would notice a log that %s events', async (kind) => {
  await test.stop();
  const log = createMemoryEventLog();
  const change = saboteurs[kind] ?? ((batch) => batch);
  const eventLog: EventLog = {
    ...log,
    read: async function* (range) {
      for await (const batch of log.read(range)) yield change(batch);
    },
  };
  test = await startTestSubscriptions(supergraph, { eventLog });
  const first = await test.subscribe(byId, { ...on42, resume: {} });
  first.handle.stop();
  for (const _ of upTo(20)) await publish(1);
  const { sink } = await test.subscribe(byId, { ...on42, resume: { after: cursorOf(first.sink) } });
  await sink.gets(kind === 'loses' ? 16 : 20);
  const partition = partitionOf('comments', { __typename: 'Comment', id: '1' });
  const places = sink.answers.map(
    ({ extensions }) => `${partition}:${decodeCursor(extensions?.event.cursor ?? '').get(partition)}`,
  );
  expect(problemsOf(places, 20)).not.toEqual([]);
});

it('resolves what many clients have missed once for all of them', async () => {
  const query = 'subscription { commentAdded(postId: 42) { body } }';
  const first = await test.subscribe(query, { resume: {} });
  first.handle.stop();
  await publish(7);
  await publish(7);
  const before = supergraph.subgraph('comments').requests.length;
  const after = cursorOf(first.sink);
  const many = await Promise.all(
    Array.from({ length: 50 }, () => test.subscribe(query, { resume: { after } })),
  );
  await Promise.all(many.map(({ sink }) => sink.gets(2)));
  expect(supergraph.subgraph('comments').requests.length - before).toBe(2);
});

it('reads the log once, piece by piece, for many who make up a cursor', async () => {
  await test.stop();
  const log = createMemoryEventLog();
  let read = 0;
  let underWay = 0;
  let most = 0;
  const eventLog: EventLog = {
    ...log,
    read: async function* (range) {
      underWay += 1;
      most = Math.max(most, underWay);
      try {
        for await (const batch of log.read(range)) {
          read += batch.length;
          yield batch;
        }
      } finally {
        underWay -= 1;
      }
    },
  };
  test = await startTestSubscriptions(supergraph, { eventLog });
  for (const id of upTo(2000)) await publish(id, 43);
  const one = { ip: undefined, name: undefined, version: undefined, userAgent: undefined };
  const many = await Promise.all(
    upTo(60).map(() => test.subscribe(byId, { ...on42, resume: { after: '1' }, client: one })),
  );
  await publish(1);
  await Promise.all(many.map(({ sink }) => sink.gets(1)));
  // All of it once, the page that the last one stands in perhaps for each that came upon it.
  expect(read).toBeLessThanOrEqual(2001);
  expect(most).toBe(1);
  expect(many.every(({ sink }) => sink.results.length === 1)).toBe(true);
});

it('keeps the cursor of a client young whose own events are rare', async () => {
  await test.stop();
  const eventLog = createMemoryEventLog({ retention: { maxEvents: 300 } });
  test = await startTestSubscriptions(supergraph, { eventLog, placeIntervals: { events: 100 } });
  const { sink, handle } = await test.subscribe(byId, { ...on42, resume: {} });
  const { sink: unasked } = await test.subscribe(byId, on42);
  const [first] = sink.answers;
  for (const _ of upTo(250)) await publish(1, 43);
  await sink.gets(2);
  expect(sink.answers[1]).toEqual({
    data: null,
    extensions: { event: { cursor: expect.any(String), opened: true } },
  });
  handle.stop();
  for (const _ of upTo(250)) await publish(1, 43);
  await publish(1);
  const again = await test.subscribe(byId, { ...on42, resume: { after: cursorOf(sink) } });
  await again.sink.gets(1);
  expect(idsOf(again.sink)).toEqual([1]);
  const old = first?.extensions?.event.cursor ?? '';
  const late = await test.subscribe(byId, { ...on42, resume: { after: old } });
  await late.sink.isOverSoon();
  expect(late.sink.codes).toEqual(['RESUME_TOO_OLD']);
  await unasked.gets(1);
  expect(idsOf(unasked)).toEqual([1]);
});
