import { expect, it } from 'vitest';

import { startTestSubscriptions, type TestSubscriptions } from '../support/start-test-subscriptions.ts';
import { startTalkingSupergraph } from '../support/talking-supergraph.ts';

const query = 'subscription { commentAdded(postId: 42) { id } }';
const publish = (test: TestSubscriptions, id: number, occurredAt = new Date().toISOString()) =>
  test.publish('post.42.comment-added', { __typename: 'Comment', id: String(id) }, { occurredAt });

it('a client that resumes while the log gets again what it had lost gets nothing twice', async () => {
  const supergraph = await startTalkingSupergraph();
  const before = await startTestSubscriptions(supergraph);
  const first = await before.subscribe(query);
  for (const id of [1, 2, 3]) await publish(before, id);
  await first.sink.gets(3);
  const after = first.sink.answers.at(-1)?.extensions?.event.cursor ?? '';
  // A gateway that starts while the log is empty, and a relay that sends again what it keeps.
  const emptied = await startTestSubscriptions(supergraph);
  const again = await emptied.subscribe(query, { resume: { after } });
  for (const id of [1, 2, 3, 4]) await publish(emptied, id);
  await again.sink.gets(1);
  await publish(emptied, 5);
  await again.sink.gets(2);
  expect(again.sink.data).toEqual([4, 5].map((id) => ({ commentAdded: { id: String(id) } })));
  for (const test of [before, emptied]) await test.stop();
  await supergraph.stop();
});

it('a client that comes while the log gets again what it had lost gets what is new only, and one that resumes all', async () => {
  const supergraph = await startTalkingSupergraph();
  const before = await startTestSubscriptions(supergraph);
  const earlier = new Date(Date.now() - 60_000).toISOString();
  const first = await before.subscribe(query, { resume: {} });
  for (const id of [1, 1]) await publish(before, id);
  await first.sink.gets(3);
  const after = first.sink.answers[1]?.extensions?.event.cursor ?? '';
  const emptied = await startTestSubscriptions(supergraph);
  const fresh = await emptied.subscribe(query);
  const again = await emptied.subscribe(query, { resume: { after } });
  // The place that it has come to is there again, then what it has not got, of one entity so in order.
  for (const id of [1, 1, 1]) await publish(emptied, id, earlier);
  await publish(emptied, 1);
  await again.sink.gets(3);
  await fresh.sink.gets(1);
  const isLast = fresh.sink.answers[0]?.extensions?.event.cursor;
  expect(isLast).toBe(again.sink.answers[2]?.extensions?.event.cursor);
  expect([fresh.sink.results.length, again.sink.results.length]).toEqual([1, 3]);
  for (const test of [before, emptied]) await test.stop();
  await supergraph.stop();
});
