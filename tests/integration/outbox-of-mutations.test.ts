import { readFile } from 'node:fs/promises';

import { startComments } from '@tributary/comments';
import { readConfig as readCommentsConfig } from '@tributary/comments/config';
import type { EmbeddedPostgres } from '@tributary/embedded-postgres';
import { parseEvent, type Event } from '@tributary/event-log';
import { startPosts } from '@tributary/posts';
import { readConfig as readPostsConfig } from '@tributary/posts/config';
import { startTestPostgres } from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { onlyError, startTestSubgraph, type TestSubgraph } from '../support/start-test-subgraph.ts';
import { startTestUsers } from '../support/start-test-users.ts';

let postgres: EmbeddedPostgres;
let users: TestSubgraph;
let posts: TestSubgraph;
let comments: TestSubgraph;
beforeAll(async () => {
  postgres = await startTestPostgres(['users', 'posts', 'comments']);
  const settings = (name: string) => ({ DATABASE_URL: postgres.url(name), SEED: 'jsonplaceholder' });
  users = await startTestUsers(postgres.url('users'));
  posts = await startTestSubgraph(startPosts, readPostsConfig, settings('posts'));
  comments = await startTestSubgraph(startComments, readCommentsConfig, settings('comments'));
});
afterAll(async () => {
  await Promise.all([users, posts, comments].map((subgraph) => subgraph?.stop()));
  await postgres?.stop();
});

const ada = { userId: '1', roles: ['USER'] };

/** The events that some work leaves in an outbox, in their order. */
async function eventsOf(subgraph: TestSubgraph, work: () => Promise<unknown>): Promise<readonly Event[]> {
  const { sql } = subgraph.database;
  const [{ last }] = await sql<[{ last: string }]>`select coalesce(max(id), 0) as last from outbox`;
  await work();
  const rows = await sql<{ event: string }[]>`select event from outbox where id > ${last} order by id`;
  return rows.map(({ event }) => parseEvent(event));
}

const typesOf = (events: readonly Event[]) => events.map(({ type, channel }) => [type, channel]);

/** Runs a mutation and gives what is selected of its result. */
async function mutate(subgraph: TestSubgraph, mutation: string, as: object = ada) {
  const { data, errors } = await subgraph.ask<Record<string, { id: string }>>(`mutation { ${mutation} }`, {
    as,
  });
  if (errors) throw new Error(JSON.stringify(errors));
  return Object.values(data ?? {})[0] ?? { id: '' };
}

it('keeps the outbox in the tables that the relay knows, in every subgraph', async () => {
  const read = (file: string) => readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
  const wanted = await read('packages/event-log/src/outbox/outbox.sql');
  for (const file of ['users/migrations/003', 'posts/migrations/002', 'comments/migrations/002'])
    expect(await read(`subgraphs/${file}-outbox.sql`)).toBe(wanted);
});

describe('posts say', () => {
  const create = (status: string) =>
    mutate(
      posts,
      `createPost(input: { title: "Hi", content: "there", status: ${status} }) { ... on Post { id } }`,
    );

  it('that one was created, to whoever follows its author, and all that a short selection needs', async () => {
    let id = '';
    const [event, ...others] = await eventsOf(posts, async () => {
      ({ id } = await create('PUBLISHED'));
    });
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      type: 'PostCreated',
      channel: 'user.1.post-created',
      source: 'posts',
      entity: { __typename: 'Post', id },
      touches: [{ __typename: 'User', id: '1' }],
      data: { id, title: 'Hi', status: 'PUBLISHED', author: { __typename: 'User', id: '1' } },
    });
    // What it carries is what its field answers.
    const { data } = await posts.entities(
      [event?.entity ?? {}],
      '... on Post { createdAt updatedAt publishedAt }',
    );
    const { createdAt, updatedAt, publishedAt } = event?.data ?? {};
    expect(data?._entities[0]).toEqual({ createdAt, updatedAt, publishedAt });
  });

  it('nothing of a draft until it is published, and what became of it', async () => {
    let id = '';
    const ofDraft = await eventsOf(posts, async () => {
      ({ id } = await create('DRAFT'));
      await mutate(posts, `updatePost(id: "${id}", input: { title: "Better" }) { __typename }`);
    });
    expect(ofDraft).toEqual([]);
    const later = await eventsOf(posts, async () => {
      const fields = [`publishPost(id: "${id}")`, `publishPost(id: "${id}")`, `unpublishPost(id: "${id}")`];
      fields.push(`unpublishPost(id: "${id}")`, `publishPost(id: "${id}")`);
      fields.push(`updatePost(id: "${id}", input: { title: "Best" })`, `deletePost(id: "${id}")`);
      for (const field of fields) await mutate(posts, `${field} { __typename }`);
    });
    expect(typesOf(later)).toEqual([
      ['PostCreated', 'user.1.post-created'],
      ['PostPublished', `post.${id}.updated`],
      ['PostUnpublished', `post.${id}.gone`],
      ['PostPublished', `post.${id}.updated`],
      ['PostUpdated', `post.${id}.updated`],
      ['PostDeleted', `post.${id}.gone`],
    ]);
  });

  it('nothing of what was refused or rolled back', async () => {
    const { sql } = posts.database;
    await sql`alter table outbox add constraint no_updates check (event not like '%PostUpdated%') not valid`;
    try {
      const { id } = await create('PUBLISHED');
      const events = await eventsOf(posts, async () => {
        await mutate(posts, `updatePost(id: "${id}", input: { title: "" }) { __typename }`);
        await mutate(posts, `deletePost(id: "${id}") { __typename }`, { userId: '5', roles: ['USER'] });
        const update = `mutation { updatePost(id: "${id}", input: { title: "lost" }) { __typename } }`;
        expect((await posts.ask(update, { as: ada })).errors).toHaveLength(1);
      });
      expect(events).toEqual([]);
      const { data } = await posts.ask<{ post: { title: string } }>(`{ post(id: "${id}") { title } }`);
      expect(data?.post.title).toBe('Hi');
    } finally {
      await sql`alter table outbox drop constraint no_updates`;
    }
  });
});

describe('comments say', () => {
  it('that one was added, edited and deleted, to whoever follows its post', async () => {
    let id = '';
    const events = await eventsOf(comments, async () => {
      ({ id } = await mutate(
        comments,
        'addComment(input: { postId: "7", body: "One" }) { ... on Comment { id } }',
      ));
      await mutate(comments, `editComment(id: "${id}", input: { body: "One" }) { __typename }`);
      await mutate(comments, `editComment(id: "${id}", input: { body: "Two" }) { __typename }`);
      await mutate(comments, `deleteComment(id: "${id}") { __typename }`);
    });
    expect(typesOf(events)).toEqual([
      ['CommentAdded', 'post.7.comment-added'],
      ['CommentEdited', 'post.7.comment-edited'],
      ['CommentDeleted', 'post.7.comment-deleted'],
    ]);
    for (const event of events) {
      expect(event.entity).toEqual({ __typename: 'Comment', id });
      expect(event.touches).toEqual([
        { __typename: 'Post', id: '7' },
        { __typename: 'User', id: '1' },
      ]);
    }
    expect(events.map(({ data }) => data?.['body'])).toEqual(['One', 'Two', undefined]);
    expect(events.map(({ data }) => data?.['isEdited'])).toEqual([false, true, undefined]);
  });

  it('nothing of a long text but that there is one', async () => {
    const body = '😀'.repeat(2500);
    const [event] = await eventsOf(comments, () =>
      mutate(comments, `addComment(input: { postId: "7", body: "${body}" }) { __typename }`),
    );
    expect(event?.data).toMatchObject({ isEdited: false });
    expect(event?.data).not.toHaveProperty('body');
  });
});

describe('users say', () => {
  it('that one signed up or changed, without what is personal', async () => {
    const input = '{ username: "grace", name: "Grace", email: "grace@example.org", password: "hopper1906" }';
    let id = '';
    const events = await eventsOf(users, async () => {
      const { data } = await users.ask<{ signUp: { user: { id: string } } }>(
        `mutation { signUp(input: ${input}) { ... on AuthPayload { user { id } } } }`,
        { as: {} },
      );
      id = data?.signUp.user.id ?? '';
      await mutate(users, 'updateProfile(input: { bio: "Compilers" }) { __typename }', { userId: id });
    });
    expect(typesOf(events)).toEqual([
      ['UserCreated', `user.${id}.created`],
      ['UserUpdated', `user.${id}.updated`],
    ]);
    expect(JSON.stringify(events)).not.toContain('example.org');
  });
});

describe('presence', () => {
  const gateway = { scopes: ['internal:presence'] };
  const renew = (holder: string, userIds: readonly string[], leaseSeconds = 30) =>
    users.ask<{ renewPresence: { changed: number } }>(
      'mutation ($input: RenewPresenceInput!) { renewPresence(input: $input) { changed } }',
      { variables: { input: { holder, userIds, leaseSeconds } }, as: gateway },
    );
  const changes = (events: readonly Event[]) =>
    events.map(({ type, channel, data }) => [type, channel, data?.['isOnline']]);

  it('changes with the first lease and the last one of a member', async () => {
    const events = await eventsOf(users, async () => {
      expect((await renew('one', ['3', '4', 'nobody'])).data?.renewPresence.changed).toBe(2);
      await renew('one', ['3', '4']);
      await renew('two', ['3']);
      await renew('one', ['3', '4'], 0);
      await renew('two', ['3'], 0);
      await renew('two', ['3'], 0);
    });
    expect(changes(events)).toEqual([
      ['PresenceChanged', 'user.3.presence', true],
      ['PresenceChanged', 'user.4.presence', true],
      ['PresenceChanged', 'user.4.presence', false],
      ['PresenceChanged', 'user.3.presence', false],
    ]);
  });

  it('ends by itself when a lease runs out', async () => {
    const { sql } = users.database;
    const isOffline = async () => {
      const [row] = await sql<
        { isOnline: boolean }[]
      >`select is_online as "isOnline" from users where id = '5'`;
      return row?.isOnline === false;
    };
    const events = await eventsOf(users, async () => {
      await renew('killed', ['5', '6']);
      await renew('other', ['6']);
      await sql`update presence_leases set expires_at = now() where holder = 'killed'`;
      await expect.poll(isOffline, { timeout: 10_000 }).toBe(true);
    });
    expect(changes(events.filter(({ entity }) => entity['id'] === '5'))).toEqual([
      ['PresenceChanged', 'user.5.presence', true],
      ['PresenceChanged', 'user.5.presence', false],
    ]);
    const { data } = await users.ask<{ six: object; five: object }>(
      '{ five: user(id: "5") { isOnline } six: user(id: "6") { isOnline } }',
    );
    expect(data).toEqual({ five: { isOnline: false }, six: { isOnline: true } });
  });

  it('is right when leases of one member begin and end at the same time', async () => {
    for (let round = 0; round < 20; round += 1) {
      await renew('a', ['7']);
      await Promise.all([renew('a', ['7'], 0), renew('b', ['7'])]);
      const { data } = await users.ask<{ user: { isOnline: boolean } }>('{ user(id: "7") { isOnline } }');
      expect(data?.user.isOnline).toBe(true);
      await renew('b', ['7'], 0);
    }
  });

  it('is for gateways to tell', async () => {
    const answer = await users.ask(
      'mutation { renewPresence(input: { holder: "x", userIds: ["1"] }) { changed } }',
      { as: { userId: '1', roles: ['ADMIN'] } },
    );
    expect(onlyError(answer)).toMatchObject({ count: 1, code: 'FORBIDDEN' });
  });

  it.each([
    ['userIds', { holder: 'x', userIds: Array.from({ length: 1001 }, String) }],
    ['leaseSeconds', { holder: 'x', userIds: ['1'], leaseSeconds: 4 }],
  ])('refuses a lease whose %s cannot be used', async (field, input) => {
    const answer = await users.ask(
      'mutation ($input: RenewPresenceInput!) { renewPresence(input: $input) { changed } }',
      { variables: { input }, as: gateway },
    );
    expect(answer.errors?.[0]?.message).toContain(field);
  });
});
