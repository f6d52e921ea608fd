import { startComments } from '@tributary/comments';
import { readConfig as readCommentsConfig } from '@tributary/comments/config';
import type { EmbeddedPostgres } from '@tributary/embedded-postgres';
import { openEventLog, type Event, type EventLog } from '@tributary/event-log';
import { startPosts } from '@tributary/posts';
import { readConfig as readPostsConfig } from '@tributary/posts/config';
import { hasRedisServer, readMetric, startTestPostgres, startTestRedis } from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startTestSubgraph, type TestSubgraph } from '../support/start-test-subgraph.ts';
import { startTestUsers } from '../support/start-test-users.ts';

const names = ['users', 'posts', 'comments'] as const;
type Name = (typeof names)[number];

let postgres: EmbeddedPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres([]);
});
afterAll(() => postgres?.stop());

/** Three subgraphs and the log that they share. */
async function startAll(prefix: string, eventsUrl: string) {
  const settings = (name: Name) => ({
    DATABASE_URL: postgres.url(`${prefix}_${name}`),
    DATABASE_POOL_SIZE: '4',
    SEED: 'jsonplaceholder',
    EVENTS_URL: eventsUrl,
  });
  const start: Record<Name, () => Promise<TestSubgraph>> = {
    users: () => startTestUsers(settings('users').DATABASE_URL, { EVENTS_URL: eventsUrl }),
    posts: () => startTestSubgraph(startPosts, readPostsConfig, settings('posts')),
    comments: () => startTestSubgraph(startComments, readCommentsConfig, settings('comments')),
  };
  for (const name of names) await postgres.createDatabase(`${prefix}_${name}`);
  const subgraphs = {
    users: await start.users(),
    posts: await start.posts(),
    comments: await start.comments(),
  };
  return {
    subgraphs,
    restart: async (name: Name) => {
      await subgraphs[name].stop();
      subgraphs[name] = await start[name]();
    },
  };
}

/** Follows the log and keeps what it hears. */
async function follow(log: EventLog) {
  const stopping = new AbortController();
  const heard: Event[] = [];
  const { ready, events } = log.tail({ signal: stopping.signal });
  await ready;
  const following = (async () => {
    for await (const batch of events) heard.push(...batch.map(({ event }) => event));
  })();
  return {
    /** The next event of a type, unless there is one already. */
    untilHeard: (type: string) =>
      expect.poll(() => heard.filter((event) => event.type === type).length, { timeout: 20_000 }),
    heard,
    stop: async () => {
      stopping.abort();
      await following;
    },
  };
}

const kinds = hasRedisServer() ? (['postgres', 'redis'] as const) : (['postgres'] as const);

describe.each(kinds)('with the log in %s', (kind) => {
  let system: Awaited<ReturnType<typeof startAll>>;
  let log: EventLog;
  let following: Awaited<ReturnType<typeof follow>>;
  const started = new AsyncDisposableStack();
  beforeAll(async () => {
    let url: string;
    if (kind === 'redis') {
      const redis = await startTestRedis();
      started.defer(() => redis.stop());
      url = redis.url;
    } else {
      await postgres.createDatabase('event_log');
      url = postgres.url('event_log');
    }
    system = await startAll(kind, url);
    for (const name of names) started.defer(() => system.subgraphs[name].stop());
    log = openEventLog({ url });
    started.defer(() => log.stop());
    following = await follow(log);
    started.defer(() => following.stop());
  });
  afterAll(() => started.disposeAsync());

  const addComment = (postId: string, userId: string) =>
    system.subgraphs.comments.ask<{ addComment: { id: string } }>(
      'mutation ($postId: ID!) { addComment(input: { postId: $postId, body: "So true" }) { ... on Comment { id } } }',
      { variables: { postId }, as: { userId, roles: ['USER'] } },
    );
  const notificationsOf = async (userId: string) => {
    const { data } = await system.subgraphs.users.ask<{
      notifications: {
        edges: readonly {
          node: { id: string; kind: string; postId: string; commentId: string; actor: { id: string } };
        }[];
      };
    }>('{ notifications { edges { node { id kind postId commentId actor { id } } } } }', {
      as: { userId, roles: ['USER'] },
    });
    return data?.notifications.edges.map(({ node }) => node) ?? [];
  };

  it('brings what a mutation said to whoever follows the log', async () => {
    const { data } = await addComment('1', '1');
    await following.untilHeard('CommentAdded').toBe(1);
    const [event] = following.heard;
    expect(event).toMatchObject({
      source: 'comments',
      channel: 'post.1.comment-added',
      entity: { __typename: 'Comment', id: data?.addComment.id },
    });
    await system.subgraphs.comments.events?.idle();
    const { url } = system.subgraphs.comments;
    expect(await readMetric(url, 'tributary_events_published_total', { subgraph: 'comments' })).toBe(1);
  });

  it('tells a post’s author of a comment, by way of posts and users, and nobody of their own', async () => {
    const { data } = await addComment('11', '3');
    const commentId = data?.addComment.id;
    await following.untilHeard('NotificationCreated').toBe(1);
    expect(await notificationsOf('2')).toEqual([
      { id: expect.any(String), kind: 'POST_COMMENTED', postId: '11', commentId, actor: { id: '3' } },
    ]);
    const event = following.heard.find(({ type }) => type === 'NotificationCreated');
    expect(event).toMatchObject({
      channel: 'notification.2.created',
      audience: { principals: ['2'] },
      entity: { __typename: 'Notification' },
    });
    const references = [event?.entity ?? {}];
    const asked = (userId: string) =>
      system.subgraphs.users.entities(references, '... on Notification { kind }', {
        as: { userId, roles: ['ADMIN'] },
      });
    expect((await asked('2')).data?._entities).toEqual([{ kind: 'POST_COMMENTED' }]);
    expect((await asked('3')).data?._entities).toEqual([null]);
    expect(await notificationsOf('1')).toEqual([]);
  });

  it('lets a member mark notifications as read, their own alone', async () => {
    const [notification] = await notificationsOf('2');
    const id = notification?.id ?? '';
    const ask = async <Answer>(userId: string, query: string, variables = {}) =>
      (await system.subgraphs.users.ask<Answer>(query, { variables, as: { userId, roles: ['ADMIN'] } })).data;
    const unread = async (userId: string) =>
      (await ask<{ unreadNotificationCount: number }>(userId, '{ unreadNotificationCount }'))
        ?.unreadNotificationCount;
    const readAt = () => ask('2', '{ notifications { edges { node { readAt } } } }');
    const mark = async (userId: string, ids: readonly string[]) => {
      const answer = await ask<{ markNotificationsRead: object }>(
        userId,
        `mutation ($ids: [ID!]!) { markNotificationsRead(input: { ids: $ids }) { __typename
          ... on ReadNotifications { ids unreadCount } ... on InvalidInput { fields { path } } } }`,
        { ids },
      );
      return answer?.markNotificationsRead;
    };
    const read = { __typename: 'ReadNotifications', ids: [id], unreadCount: 0 };
    expect(await mark('3', [id])).toEqual({ ...read, ids: [] });
    expect([await unread('2'), await unread('3')]).toEqual([1, 0]);
    expect(await mark('2', [id, 'nobody', id])).toEqual(read);
    const first = await readAt();
    expect(first).toEqual({ notifications: { edges: [{ node: { readAt: expect.any(String) } }] } });
    // Another device says the same later: it was read when it was first read.
    expect(await mark('2', [id])).toEqual(read);
    expect(await readAt()).toEqual(first);
    expect(await unread('2')).toBe(0);
    const invalid = { __typename: 'InvalidInput', fields: [{ path: ['ids'] }] };
    expect(await mark('2', [])).toEqual(invalid);
    expect(await mark('2', Array.from({ length: 101 }, String))).toEqual(invalid);
  });

  it.each([
    '{ unreadNotificationCount }',
    'mutation { markNotificationsRead(input: { ids: ["1"] }) { __typename } }',
  ])('has no notifications for somebody who is not signed in: %s', async (query) => {
    const { errors } = await system.subgraphs.users.ask(query, { as: {} });
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  it('makes up for what happened while a subgraph was away, once', async () => {
    await system.subgraphs.users.stop();
    await addComment('21', '5');
    await addComment('22', '5');
    await following.untilHeard('PostCommented').toBe(3);
    await system.restart('users');
    await following.untilHeard('NotificationCreated').toBe(3);
    await system.restart('users');
    await addComment('23', '5');
    await following.untilHeard('NotificationCreated').toBe(4);
    expect((await notificationsOf('3')).map(({ postId }) => postId).toSorted()).toEqual(['21', '22', '23']);
  });
});

it('keeps events in the outbox of a subgraph that knows no log', async () => {
  await postgres.createDatabase('alone');
  const alone = await startTestSubgraph(startComments, readCommentsConfig, {
    DATABASE_URL: postgres.url('alone'),
  });
  try {
    await alone.ask('mutation { addComment(input: { postId: "1", body: "Hm" }) { __typename } }', {
      as: { userId: '1', roles: ['USER'] },
    });
    expect(alone.events).toBeUndefined();
    const rows = await alone.database.sql`select from outbox where seq is null and sent_at is null`;
    expect(rows).toHaveLength(1);
  } finally {
    await alone.stop();
  }
});
