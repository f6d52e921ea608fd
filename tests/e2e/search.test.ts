import type { EmbeddedPostgres } from '@tributary/embedded-postgres';
import { findFreePorts, startTestPostgres } from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startRealSupergraph, type RealSupergraph } from '../support/start-real-supergraph.ts';

let postgres: EmbeddedPostgres;
let supergraph: RealSupergraph;
beforeAll(async () => {
  postgres = await startTestPostgres(['event_log']);
  const events = { EVENTS_URL: postgres.url('event_log') };
  // Search is told where the door is before there is one.
  const [port = 0] = await findFreePorts(1);
  const posts = { ...events, GATEWAY_URL: `http://127.0.0.1:${port}/graphql` };
  supergraph = await startRealSupergraph({
    subgraphs: { users: events, posts, comments: events },
    gateway: { PORT: String(port), ...events },
  });
});
afterAll(async () => {
  await supergraph?.stop();
  await postgres?.stop();
});

const selection =
  '__typename ... on User { name } ... on Comment { body author { name } } ... on Post { title }';

/** What a client finds. */
async function find(text: string) {
  const { body } = await supergraph.query(
    `query ($text: String!) { search(text: $text, first: 3) { ${selection} } }`,
    { variables: { text } },
  );
  return body.errors ?? body.data?.['search'];
}

/** Search hears of changes a moment later. */
const soon = { timeout: 30_000 };

async function mutate(mutation: string, userId: string) {
  const { body } = await supergraph.query(`mutation { ${mutation} }`, {
    token: await supergraph.signIn(userId),
  });
  expect(body.errors).toBeUndefined();
  return Object.values(body.data ?? {})[0] as { readonly id: string };
}

describe('search', () => {
  it('finds what other subgraphs had before it began', async () => {
    await expect.poll(() => find('Leanne'), soon).toEqual([{ __typename: 'User', name: 'Leanne Graham' }]);
    await expect
      .poll(() => find('"laudantium enim quasi est quidem magnam"'), soon)
      .toEqual([expect.objectContaining({ __typename: 'Comment', author: { name: 'Leanne Graham' } })]);
  });

  it('follows a comment from its first word to its last', async () => {
    const { id } = await mutate(
      'addComment(input: { postId: "1", body: "A zeugma, I think" }) { ... on Comment { id } }',
      '2',
    );
    await expect
      .poll(() => find('zeugma'), soon)
      .toEqual([{ __typename: 'Comment', body: 'A zeugma, I think', author: { name: 'Ervin Howell' } }]);
    await mutate(`editComment(id: "${id}", input: { body: "A syllepsis" }) { __typename }`, '2');
    await expect.poll(() => find('syllepsis'), soon).toHaveLength(1);
    await expect.poll(() => find('zeugma'), soon).toEqual([]);
    await mutate(`deleteComment(id: "${id}") { __typename }`, '2');
    await expect.poll(() => find('syllepsis'), soon).toEqual([]);
  });

  it('finds a text that is too long for an event', async () => {
    const body = `${'😀'.repeat(2000)} brobdingnagian`;
    await mutate(`addComment(input: { postId: "1", body: "${body}" }) { __typename }`, '2');
    await expect.poll(() => find('brobdingnagian'), soon).toEqual([expect.objectContaining({ body })]);
  });

  it('finds members by the names that they have now, and posts beside them', async () => {
    await mutate('updateProfile(input: { name: "Clementine Quux" }) { __typename }', '3');
    await expect.poll(() => find('Quux'), soon).toEqual([{ __typename: 'User', name: 'Clementine Quux' }]);
    await mutate(
      'createPost(input: { title: "All about Quux", content: "Nothing.", status: PUBLISHED }) { __typename }',
      '4',
    );
    await expect.poll(() => find('quux'), soon).toHaveLength(2);
  });

  it('begins anew when nothing is left of what it had read', async () => {
    await supergraph.posts.stop();
    await supergraph.restart('posts');
    await expect.poll(() => find('Quux'), soon).toHaveLength(2);
    const emptied = supergraph.posts.database.sql;
    await emptied`delete from search_entries`;
    await emptied`delete from consumed where consumer = 'feed search'`;
    await supergraph.posts.stop();
    await supergraph.restart('posts');
    await expect.poll(() => find('Leanne'), soon).toHaveLength(1);
    await expect.poll(() => find('brobdingnagian'), soon).toHaveLength(1);
  });
});
