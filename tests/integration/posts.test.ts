import type { EmbeddedPostgres } from '@tributary/embedded-postgres';
import { startPosts } from '@tributary/posts';
import { readConfig } from '@tributary/posts/config';
import { readMetric, startTestPostgres } from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  idsTo,
  onlyError,
  pageSelection,
  startTestSubgraph,
  walkPages,
  type TestConnection,
  type TestSubgraph,
} from '../support/start-test-subgraph.ts';

let postgres: EmbeddedPostgres;
let posts: TestSubgraph;

beforeAll(async () => {
  postgres = await startTestPostgres(['posts']);
  posts = await startTestSubgraph(startPosts, readConfig, {
    DATABASE_URL: postgres.url('posts'),
    SEED: 'jsonplaceholder',
  });
});

afterAll(async () => {
  await posts?.stop();
  await postgres?.stop();
});

const ada = { userId: 'ada' };
const bob = { userId: 'bob' };
const moderator = { userId: 'mo', roles: ['MODERATOR'] };
const admin = { userId: 'root', roles: ['ADMIN'] };

interface Post {
  readonly id: string;
  readonly title: string;
}

type Connection = TestConnection<Post>;

/** Puts posts into the table, as many as asked for, all at one moment unless said otherwise. */
async function insertPosts(
  count: number,
  {
    authorId,
    prefix = authorId,
    status = 'PUBLISHED',
    secondsApart = 0,
  }: { authorId: string; prefix?: string; status?: string; secondsApart?: number },
): Promise<void> {
  await posts.database.sql`
    insert into posts (id, author_id, title, content, status, created_at, updated_at)
    select ${prefix} || '-' || lpad(n::text, 4, '0'), ${authorId}, 'Title ' || n, 'Content ' || n, ${status}, at, at
    from generate_series(1, ${count}::int) as n,
      lateral (select timestamptz '2025-06-01T00:00:00Z' + n * ${secondsApart}::int * interval '1 second' as at) as moment`;
}

async function createPost(input: object, as = ada): Promise<Record<string, unknown>> {
  const { data } = await posts.ask<{ createPost: Record<string, unknown> }>(
    `mutation ($input: CreatePostInput!) {
      createPost(input: $input) {
        __typename
        ... on Post { id title content status tags createdAt updatedAt publishedAt author { id } }
        ... on InvalidInput { code message fields { path code message } }
      }
    }`,
    { variables: { input: { title: 'A title', content: 'A text', ...input } }, as },
  );
  return data?.createPost ?? {};
}

/** Sends a mutation of one post; `input` is left out where there is none. */
const change = (field: string, id: unknown, as: object, input?: object) =>
  posts.ask<Record<string, Record<string, unknown>>>(
    `mutation ($id: ID!${input ? ', $input: UpdatePostInput!' : ''}) {
      ${field}(id: $id${input ? ', input: $input' : ''}) {
        __typename
        ${field === 'deletePost' ? '... on DeletedPost { id }' : '... on Post { id title tags status updatedAt createdAt publishedAt content }'}
        ... on Problem { code message }
        ${input ? '... on InvalidInput { fields { path code message } }' : ''}
      }
    }`,
    { variables: { id, ...(input && { input }) }, as },
  );

const updatePost = async (id: unknown, input: object, as: object = ada) =>
  (await change('updatePost', id, as, input)).data?.['updatePost'];

/** What a reader sees of a post. */
async function titleOf(id: unknown): Promise<string | null> {
  const { data } = await posts.ask<{ post: Post | null }>('query ($id: ID!) { post(id: $id) { title } }', {
    variables: { id },
  });
  return data?.post?.title ?? null;
}

describe('the seed', () => {
  it('keeps the ids, authors and texts of the data', async () => {
    const { data } = await posts.ask('{ post(id: "1") { id title author { id } status tags createdAt } }');
    expect(data).toEqual({
      post: {
        id: '1',
        title: 'sunt aut facere repellat provident occaecati excepturi optio reprehenderit',
        author: { id: '1' },
        status: 'PUBLISHED',
        tags: ['sunt'],
        createdAt: '2026-01-01T00:00:00.000Z',
      },
    });
  });

  it('leaves a database that has posts as it is', async () => {
    const again = await startTestSubgraph(startPosts, readConfig, {
      DATABASE_URL: postgres.url('posts'),
      SEED: 'jsonplaceholder',
    });
    await again.stop();
    const [row] = await posts.database.sql`select count(*)::int as count from posts where id ~ '^[0-9]+$'`;
    expect(row).toEqual({ count: 100 });
  });
});

describe('statements', () => {
  it.each([10, 50, 100])('one for a list of %i posts, one for all their tags', async (first) => {
    const { data, statements } = await posts.ask<{ posts: Connection }>(
      'query ($first: Int!) { posts(first: $first) { edges { node { id title content tags author { id } } } } }',
      { variables: { first } },
    );
    expect(data?.posts.edges).toHaveLength(first);
    expect(statements).toEqual([
      expect.stringContaining('from posts'),
      expect.stringContaining('from post_tags where post_id = any($)'),
    ]);
  });

  it.each([10, 50, 100])('one for %i references, another for their tags', async (count) => {
    const references = idsTo(count).map((id) => ({ __typename: 'Post', id }));
    const { data, statements } = await posts.entities<Post>(
      references,
      '... on Post { id title content tags }',
    );
    expect(data?._entities.map((post) => post?.id)).toEqual(idsTo(count));
    expect(statements).toHaveLength(2);
  });

  it.each([10, 50, 100])('one for the posts of %i members and one for their counts', async (count) => {
    const references = idsTo(count).map((id) => ({ __typename: 'User', id }));
    const { data, statements } = await posts.entities<{ posts: Connection; postCount: number }>(
      references,
      '... on User { postCount posts(first: 3) { edges { node { title } } } }',
    );
    expect(data?._entities).toHaveLength(count);
    expect(data?._entities[0]).toMatchObject({ postCount: 10, posts: { edges: { length: 3 } } });
    expect(statements).toHaveLength(2);
  });

  it.each([
    [100, 1],
    [101, 2],
    [200, 2],
    [250, 3],
  ])('%i keys go to the database in batches of 100: %i statements', async (count, expected) => {
    const references = idsTo(count).map((id) => ({ __typename: 'Post', id }));
    const { data, statements } = await posts.entities<Post>(references, '... on Post { id title }');
    expect(data?._entities.map((post) => post?.id ?? null)).toEqual(
      idsTo(count).map((id) => (Number(id) <= 100 ? id : null)),
    );
    expect(statements).toHaveLength(expected);
  });

  it('each aliased page of a member has its own size and place, in one statement for all', async () => {
    const first = await posts.entities<Record<string, Connection>>(
      [{ __typename: 'User', id: '1' }],
      '... on User { posts(first: 4) { edges { cursor } } }',
    );
    const after = first.data?._entities[0]?.['posts']?.edges[1]?.cursor;
    const { data, statements } = await posts.ask<{ _entities: Record<string, Connection>[] }>(
      `query ($after: String!) {
        _entities(representations: [{ __typename: "User", id: "1" }, { __typename: "User", id: "2" }]) {
          ... on User { two: posts(first: 2) { edges { node { id } } } rest: posts(after: $after) { edges { node { id } } } }
        }
      }`,
      { variables: { after } },
    );
    const ids = data?._entities.map((user) =>
      Object.values(user).map(({ edges }) => edges.map(({ node }) => node.id)),
    );
    expect(ids?.[0]).toEqual([
      ['10', '9'],
      ['8', '7', '6', '5', '4', '3', '2', '1'],
    ]);
    expect(ids?.[1]?.[0]).toEqual(['20', '19']);
    expect(statements).toHaveLength(1);
  });

  it('are counted in the metric that operators watch', async () => {
    const before = await readMetric(posts.url, 'tributary_sql_statements_total', { subgraph: 'posts' });
    await posts.ask('{ posts(first: 20) { edges { node { title tags } } } }');
    const after = await readMetric(posts.url, 'tributary_sql_statements_total', { subgraph: 'posts' });
    expect(after - before).toBe(2);
  });

  it('are one for each key when batching is off, with the same answer', async () => {
    const naive = await startTestSubgraph(startPosts, readConfig, {
      DATABASE_URL: postgres.url('posts'),
      BATCHING: 'false',
    });
    try {
      const query = '{ posts(first: 20) { edges { node { id title tags } } } }';
      const [batched, unbatched] = [await posts.ask(query), await naive.ask(query)];
      expect(unbatched.data).toEqual(batched.data);
      expect([batched.statements.length, unbatched.statements.length]).toEqual([2, 21]);
    } finally {
      await naive.stop();
    }
  });

  it('leave the text of posts in the database when only titles are asked for', async () => {
    const isTextRead = async (selection: string) => {
      const { statements } = await posts.ask(`{ posts(first: 5) { edges { node { ${selection} } } } }`);
      expect(statements).toHaveLength(1);
      return !statements[0]?.includes('null as content');
    };
    expect(await isTextRead('id title createdAt')).toBe(false);
    expect(await isTextRead('id content')).toBe(true);
    expect(await isTextRead('body')).toBe(true);
    expect(await isTextRead('excerpt(length: 20)')).toBe(true);
    expect(await isTextRead('readingMinutes')).toBe(true);
    expect(await isTextRead('...{ text: content }')).toBe(true);
    expect(await isTextRead('id content @skip(if: true)')).toBe(false);
  });
});

describe('pages', () => {
  it.each([
    ['at different moments', 1],
    ['all at one moment', 0],
  ])('of posts made %s hold every post once, in order', async (_name, secondsApart) => {
    const authorId = `walked-${secondsApart}`;
    await insertPosts(23, { authorId, secondsApart });
    const pages = await walkPages(async (after) => {
      const { data } = await posts.ask<{ posts: Connection }>(
        `query ($after: String, $authorId: ID!) {
          posts(first: 5, after: $after, filter: { authorId: $authorId }) ${pageSelection}
        }`,
        { variables: { after, authorId } },
      );
      return data?.posts;
    });
    expect(pages.map(({ edges }) => edges.length)).toEqual([5, 5, 5, 5, 3]);
    expect(pages.map(({ pageInfo }) => pageInfo.hasPreviousPage)).toEqual([false, true, true, true, true]);
    for (const { edges, pageInfo } of pages) {
      expect([pageInfo.startCursor, pageInfo.endCursor]).toEqual([edges.at(0)?.cursor, edges.at(-1)?.cursor]);
    }
    const seen = pages.flatMap(({ edges }) => edges.map(({ node }) => node.id));
    const expected = Array.from({ length: 23 }, (_, n) => `${authorId}-${String(23 - n).padStart(4, '0')}`);
    expect(seen).toEqual(expected);
  });

  it('of a member hold every post once, in order', async () => {
    await insertPosts(11, { authorId: 'prolific' });
    const pages = await walkPages(async (after) => {
      const { data } = await posts.entities<{ posts: Connection }>(
        [{ __typename: 'User', id: 'prolific' }],
        `... on User { posts(first: 4, after: ${JSON.stringify(after)}) ${pageSelection} }`,
      );
      return data?._entities[0]?.posts;
    });
    const seen = pages.flatMap(({ edges }) => edges.map(({ node }) => node.id));
    expect(seen).toHaveLength(11);
    expect(new Set(seen).size).toBe(11);
    expect(seen).toEqual(seen.toSorted().toReversed());
  });

  it('without posts have no cursors', async () => {
    const { data } = await posts.ask(
      '{ posts(filter: { authorId: "nobody" }) { edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }',
    );
    expect(data).toEqual({
      posts: {
        edges: [],
        pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
      },
    });
  });

  it.each(['posts', 'drafts', 'search(text: "a")'])('of %s have 1 to 100 entries', async (field) => {
    const [name, args = ''] = field.split(/[()]/);
    const selection = name === 'search' ? '{ __typename }' : '{ edges { cursor } }';
    for (const first of [0, 101, -1]) {
      const answer = await posts.ask(`{ ${name}(${args ? `${args}, ` : ''}first: ${first}) ${selection} }`, {
        as: ada,
      });
      expect(onlyError(answer)).toEqual({
        count: 1,
        code: 'BAD_USER_INPUT',
        message: `Argument "first" must be from 1 to 100, but got ${first}`,
      });
    }
    const { errors } = await posts.ask(`{ ${name}(${args ? `${args}, ` : ''}first: 100) ${selection} }`, {
      as: ada,
    });
    expect(errors).toBeUndefined();
  });

  it.each([
    ['no base64', 'näh'],
    ['no JSON', Buffer.from('hello').toString('base64url')],
    ['of another shape', Buffer.from('{"at":1}').toString('base64url')],
    ['without a time', Buffer.from('["yesterday","1"]').toString('base64url')],
    ['without an id', Buffer.from('["2026-01-01T00:00:00.000Z",""]').toString('base64url')],
    [
      'with a time before all calendars',
      Buffer.from('["0000-01-01T00:00:00.000Z","1"]').toString('base64url'),
    ],
    ['with SQL for a time', Buffer.from(`["2026-01-01' or true --","1"]`).toString('base64url')],
    [
      'with a character no id has',
      Buffer.from('["2026-01-01T00:00:00.000Z","\\u0000"]').toString('base64url'),
    ],
    ['empty', ''],
  ])('do not begin after a cursor that is %s', async (_name, after) => {
    const answer = await posts.ask('query ($after: String) { posts(after: $after) { edges { cursor } } }', {
      variables: { after },
    });
    expect(onlyError(answer)).toEqual({
      count: 1,
      code: 'BAD_USER_INPUT',
      message: `Argument "after" must be a cursor that this list gave, but got "${after}"`,
    });
  });

  it('begin at the default for null, as for an absent argument', async () => {
    const { data } = await posts.ask<Record<string, Connection>>(
      `{ nulls: posts(first: null, after: null, filter: null) { edges { node { id } } }
         absent: posts { edges { node { id } } } }`,
    );
    expect(data?.['nulls']?.edges).toHaveLength(20);
    expect(data?.['nulls']).toEqual(data?.['absent']);
  });
});

describe('filters', () => {
  beforeAll(async () => {
    await insertPosts(3, { authorId: 'filtered', secondsApart: 60 });
    await insertPosts(2, { authorId: 'filtered', prefix: 'archived', status: 'ARCHIVED', secondsApart: 60 });
    await insertPosts(2, { authorId: 'filtered', prefix: 'draft', status: 'DRAFT', secondsApart: 60 });
    await posts.database.sql`
      insert into post_tags (post_id, position, tag)
      values ('filtered-0001', 1, 'red'), ('filtered-0002', 1, 'red'), ('filtered-0002', 2, 'blue'), ('draft-0001', 1, 'red')`;
  });

  const idsOf = async (filter: object, as?: object) => {
    const { data, errors } = await posts.ask<{ posts: Connection }>(
      'query ($filter: PostFilterInput) { posts(first: 100, filter: $filter) { edges { node { id } } } }',
      { variables: { filter: { authorId: 'filtered', ...filter } }, ...(as && { as }) },
    );
    expect(errors).toBeUndefined();
    return data?.posts.edges.map(({ node }) => node.id);
  };

  it.each<[string, object, string[]]>([
    ['published posts unless said otherwise', {}, ['filtered-0003', 'filtered-0002', 'filtered-0001']],
    ['a status', { status: 'ARCHIVED' }, ['archived-0002', 'archived-0001']],
    ['a word', { tag: 'red' }, ['filtered-0002', 'filtered-0001']],
    ['a moment to begin at', { createdAfter: '2025-06-01T00:02:00Z' }, ['filtered-0003', 'filtered-0002']],
    ['a moment to end before', { createdBefore: '2025-06-01T00:02:00Z' }, ['filtered-0001']],
    [
      'a range, across time zones',
      { createdAfter: '2025-06-01T02:02:00+02:00', createdBefore: '2025-06-01T00:03:00Z' },
      ['filtered-0002'],
    ],
    ['all of several conditions', { and: [{ tag: 'red' }, { tag: 'blue' }] }, ['filtered-0002']],
    [
      'one of several conditions',
      { or: [{ tag: 'blue' }, { createdAfter: '2025-06-01T00:03:00Z' }] },
      ['filtered-0003', 'filtered-0002'],
    ],
    [
      'a status in a part, which replaces the default',
      { or: [{ status: 'ARCHIVED' }] },
      ['archived-0002', 'archived-0001'],
    ],
    [
      'conditions within conditions',
      {
        or: [
          { and: [{ tag: 'red' }, { or: [{ tag: 'blue' }, { tag: 'green' }] }] },
          { and: [{ status: 'ARCHIVED' }] },
        ],
      },
      ['filtered-0002', 'archived-0002', 'archived-0001'],
    ],
    ['nothing for no alternatives', { or: [] }, []],
    [
      'everything for no further conditions',
      { and: [] },
      ['filtered-0003', 'filtered-0002', 'filtered-0001'],
    ],
    [
      'null as no condition',
      { tag: null, and: null, or: null, status: null },
      ['filtered-0003', 'filtered-0002', 'filtered-0001'],
    ],
  ])('take %s', async (_name, filter, expected) => {
    expect(await idsOf(filter)).toEqual(expected);
  });

  it.each<[string, object]>([
    ['at the top', { status: 'DRAFT' }],
    ['in or', { or: [{ status: 'DRAFT' }] }],
    ['in and', { and: [{ status: 'DRAFT' }] }],
    ['beside another status', { status: 'PUBLISHED', or: [{ status: 'DRAFT' }] }],
    ['deep inside', { or: [{ tag: 'red', and: [{ or: [{ status: 'PUBLISHED' }, { status: 'DRAFT' }] }] }] }],
  ])('refuse to look for drafts %s', async (_name, filter) => {
    for (const as of [undefined, { userId: 'filtered' }, admin]) {
      const answer = await posts.ask(
        'query ($filter: PostFilterInput) { posts(filter: $filter) { edges { node { id } } } }',
        { variables: { filter }, ...(as && { as }) },
      );
      expect(onlyError(answer)).toEqual({
        count: 1,
        code: 'BAD_USER_INPUT',
        message: 'Argument "filter.status" must be PUBLISHED or ARCHIVED, but got DRAFT: see "drafts"',
      });
    }
  });

  it.each<[string, object]>([
    ['an archived alternative', { or: [{ status: 'ARCHIVED' }, { tag: 'red' }] }],
    ['an empty alternative', { or: [{ status: 'ARCHIVED' }, {}] }],
    ['a null status', { status: null, or: [{ status: 'PUBLISHED' }, {}] }],
  ])('do not show drafts through %s', async (_name, filter) => {
    const ids = await idsOf(filter, { userId: 'filtered' });
    expect(ids?.filter((id) => id.startsWith('draft'))).toEqual([]);
    expect(ids).not.toHaveLength(0);
  });

  it('have at most 50 conditions, counted through all their parts', async () => {
    const nested = (depth: number): object => (depth === 0 ? { tag: 'x' } : { or: [nested(depth - 1)] });
    for (const [filter, size] of [
      [{ or: Array.from({ length: 26 }, () => ({ tag: 'x' })) }, 52],
      [nested(50), 51],
    ] as const) {
      const answer = await posts.ask(
        'query ($filter: PostFilterInput) { posts(filter: $filter) { edges { node { id } } } }',
        { variables: { filter } },
      );
      expect(onlyError(answer)).toEqual({
        count: 1,
        code: 'BAD_USER_INPUT',
        message: `Argument "filter" must have at most 50 conditions, but got ${size}`,
      });
    }
    expect(await idsOf({ or: Array.from({ length: 24 }, () => ({ tag: 'red' })) })).toHaveLength(2);
  });

  it.each(["' or '1'='1", "'; drop table posts; --", '$1', '\\', '%', '{red}', 'red" or true', '😀', '日本'])(
    'treat %s as a word like any other',
    async (text) => {
      expect(await idsOf({ tag: text })).toEqual([]);
      expect(await idsOf({ and: [{ authorId: text }] })).toEqual([]);
      const { errors } = await posts.ask('query ($text: String!) { search(text: $text) { __typename } }', {
        variables: { text },
      });
      expect(errors).toBeUndefined();
      expect(await createPost({ title: text, content: text, tags: [text] })).toMatchObject({
        title: text,
        content: text,
        tags: [text],
      });
      const { data } = await posts.ask('query ($id: ID!) { post(id: $id) { id } }', {
        variables: { id: text },
      });
      expect(data).toEqual({ post: null });
    },
  );

  it.each([
    'query ($text: String!) { search(text: $text) { __typename } }',
    'query ($text: ID!) { post(id: $text) { id } }',
    'query ($text: String!) { posts(filter: { or: [{ tag: $text }] }) { edges { cursor } } }',
    'mutation ($text: String!) { createPost(input: { title: "a", content: $text }) { __typename } }',
  ])('refuse a text with a character that PostgreSQL cannot hold: %s', async (query) => {
    const answer = await posts.ask(query, { variables: { text: 'a\u0000b' }, as: ada });
    expect(onlyError(answer)).toMatchObject({ count: 1, code: 'BAD_USER_INPUT' });
  });

  it.each([
    ['0000-01-01T00:00:00Z', 0],
    ['9999-12-31T23:59:59-12:00', 10_000],
  ])('refuse a moment that PostgreSQL cannot read: %s', async (createdAfter, year) => {
    const answer = await posts.ask(
      'query ($createdAfter: DateTime!) { posts(filter: { createdAfter: $createdAfter }) { edges { cursor } } }',
      { variables: { createdAfter } },
    );
    expect(onlyError(answer)).toEqual({
      count: 1,
      code: 'BAD_USER_INPUT',
      message: `Argument "filter.createdAfter" must be in the years 1 to 9999, but got one in the year ${year}`,
    });
  });
});

describe('drafts', () => {
  let draftId: unknown;

  beforeAll(async () => {
    const draft = await createPost(
      { title: 'Unfinished symphony', tags: ['secret'] },
      { userId: 'composer' },
    );
    draftId = draft['id'];
  });

  it('are seen by their author, in drafts', async () => {
    const query = '{ drafts { edges { node { id title status publishedAt tags } } } }';
    const mine = await posts.ask(query, { as: { userId: 'composer' } });
    expect(mine.data).toEqual({
      drafts: {
        edges: [
          {
            node: {
              id: draftId,
              title: 'Unfinished symphony',
              status: 'DRAFT',
              publishedAt: null,
              tags: ['secret'],
            },
          },
        ],
      },
    });
    const others = await posts.ask(query, { as: bob });
    expect(others.data).toEqual({ drafts: { edges: [] } });
  });

  it('are refused to somebody who did not sign in', async () => {
    expect(onlyError(await posts.ask('{ drafts { edges { cursor } } }', { as: {} }))).toEqual({
      count: 1,
      code: 'UNAUTHENTICATED',
      message: 'Sign in to do this',
    });
  });

  it.each([
    ['a reader', bob],
    ['somebody who did not sign in', {}],
    ['an administrator', admin],
  ])('do not exist for %s', async (_name, as) => {
    const { data } = await posts.ask(
      `query ($id: ID!) {
        post(id: $id) { id }
        posts(filter: { authorId: "composer" }) { edges { node { id } } }
        tagged: posts(filter: { tag: "secret" }) { edges { node { id } } }
        search(text: "symphony") { __typename }
      }`,
      { variables: { id: draftId }, as },
    );
    expect(data).toEqual({ post: null, posts: { edges: [] }, tagged: { edges: [] }, search: [] });
    const entities = await posts.entities(
      [
        { __typename: 'Post', id: draftId },
        { __typename: 'User', id: 'composer' },
      ],
      '... on Post { title } ... on User { postCount posts { edges { node { id } } } }',
      { as },
    );
    expect(entities.data).toEqual({ _entities: [null, { postCount: 0, posts: { edges: [] } }] });
  });

  it('answer a change by somebody else as an id that does not exist does', async () => {
    for (const field of ['updatePost', 'publishPost', 'deletePost']) {
      for (const id of [String(draftId), 'missing']) {
        const { data } = await change(field, id, bob, field === 'updatePost' ? {} : undefined);
        expect(data?.[field]).toEqual({
          __typename: 'NotFound',
          code: 'NOT_FOUND',
          message: `There is no post with the id "${id}"`,
        });
      }
    }
  });
});

describe('creating', () => {
  it('gives the post back, its author being the caller', async () => {
    const post = await createPost({ title: '  Spaced  ', tags: ['b', 'a', 'b'], status: 'PUBLISHED' });
    expect(post).toMatchObject({
      __typename: 'Post',
      title: 'Spaced',
      tags: ['b', 'a'],
      status: 'PUBLISHED',
      author: { id: 'ada' },
    });
    expect(post['updatedAt']).toBe(post['createdAt']);
    const { data } = await posts.ask('query ($id: ID!) { post(id: $id) { title tags } }', {
      variables: { id: post['id'] },
    });
    expect(data).toEqual({ post: { title: 'Spaced', tags: ['b', 'a'] } });
  });

  it('makes a draft without tags when nothing else is said, or null', async () => {
    const drafts = [await createPost({}), await createPost({ tags: null, status: null })];
    for (const draft of drafts) expect(draft).toMatchObject({ status: 'DRAFT', tags: [], publishedAt: null });
  });

  it('names everything that cannot be used', async () => {
    expect(
      await createPost({ title: ' ', content: 'x'.repeat(50_001), tags: ['ok', ''], status: 'ARCHIVED' }),
    ).toEqual({
      __typename: 'InvalidInput',
      code: 'BAD_USER_INPUT',
      message:
        'title: must not be empty; content: must have at most 50,000 characters; tags.1: must not be empty; ' +
        'status: must be DRAFT or PUBLISHED for a new post',
      fields: [
        { path: ['title'], code: 'INVALID_INPUT', message: 'must not be empty' },
        { path: ['content'], code: 'INVALID_INPUT', message: 'must have at most 50,000 characters' },
        { path: ['tags', '1'], code: 'INVALID_INPUT', message: 'must not be empty' },
        { path: ['status'], code: 'INVALID_INPUT', message: 'must be DRAFT or PUBLISHED for a new post' },
      ],
    });
  });

  it('takes texts of exactly the greatest length, counted as people type them', async () => {
    for (const character of ['x', '😀']) {
      const created = await createPost({ title: character.repeat(200 / character.length), content: 'a' });
      expect(created).toMatchObject({ __typename: 'Post' });
    }
    expect(await createPost({ title: 'x'.repeat(201) })).toMatchObject({ __typename: 'InvalidInput' });
  });

  it('is refused to somebody who did not sign in', async () => {
    const answer = await posts.ask(
      'mutation { createPost(input: { title: "a", content: "b" }) { __typename } }',
      { as: {} },
    );
    expect(onlyError(answer)).toEqual({ count: 1, code: 'UNAUTHENTICATED', message: 'Sign in to do this' });
  });

  it('leaves nothing behind when it fails midway', async () => {
    const { sql } = posts.database;
    await sql`alter table post_tags add constraint no_forbidden_words check (tag <> 'forbidden')`;
    try {
      const answer = await posts.ask(
        `mutation { createPost(input: { title: "Half", content: "made", tags: ["fine", "forbidden"] }) { __typename } }`,
        { as: { userId: 'halfway' } },
      );
      expect(onlyError(answer)).toEqual({
        count: 1,
        code: 'INTERNAL_SERVER_ERROR',
        message: 'Internal server error',
      });
      const [row] = await sql`select count(*)::int as count from posts where author_id = 'halfway'`;
      expect(row).toEqual({ count: 0 });
    } finally {
      await sql`alter table post_tags drop constraint no_forbidden_words`;
    }
  });
});

describe('updating', () => {
  it('leaves what is absent as it is', async () => {
    const { id } = await createPost({ title: 'Old', content: 'Old text', tags: ['one', 'two'] });
    expect(await updatePost(id, { title: 'New' })).toMatchObject({
      title: 'New',
      content: 'Old text',
      tags: ['one', 'two'],
    });
    expect(await updatePost(id, { content: 'New text' })).toMatchObject({
      title: 'New',
      content: 'New text',
    });
    expect(await updatePost(id, { tags: ['three'] })).toMatchObject({ title: 'New', tags: ['three'] });
  });

  it('takes null for no value, which only tags may have', async () => {
    const { id } = await createPost({ title: 'Kept', tags: ['one'] });
    expect(await updatePost(id, { title: null, content: null })).toMatchObject({
      __typename: 'InvalidInput',
      fields: [
        {
          path: ['title'],
          code: 'INVALID_INPUT',
          message: 'must not be null: a post has a title; leave it out to keep it',
        },
        {
          path: ['content'],
          code: 'INVALID_INPUT',
          message: 'must not be null: a post has a text; leave it out to keep it',
        },
      ],
    });
    expect(await updatePost(id, { tags: null })).toMatchObject({ title: 'Kept', tags: [] });
  });

  it('changes updatedAt and not createdAt', async () => {
    const { id, createdAt } = await createPost({});
    const updated = await updatePost(id, { title: 'Later' });
    expect(updated?.['createdAt']).toBe(createdAt);
    expect(Date.parse(String(updated?.['updatedAt']))).toBeGreaterThan(Date.parse(String(createdAt)));
  });

  it('leaves the post as it was when it fails midway', async () => {
    const { sql } = posts.database;
    const { id } = await createPost({ title: 'Before', tags: ['kept'], status: 'PUBLISHED' });
    await sql`alter table posts add constraint no_forbidden_titles check (title <> 'forbidden')`;
    try {
      const answer = await change('updatePost', id, ada, { title: 'forbidden', tags: ['lost'] });
      expect(onlyError(answer)).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
    } finally {
      await sql`alter table posts drop constraint no_forbidden_titles`;
    }
    const { data } = await posts.ask('query ($id: ID!) { post(id: $id) { title tags } }', {
      variables: { id },
    });
    expect(data).toEqual({ post: { title: 'Before', tags: ['kept'] } });
  });

  it.each([
    ['its author', ada],
    ['a moderator', moderator],
    ['an administrator', admin],
  ])('is for %s, as publishing and deleting are', async (_name, as) => {
    const { id } = await createPost({ status: 'PUBLISHED' });
    expect(await updatePost(id, { title: 'Changed' }, as)).toMatchObject({ __typename: 'Post' });
    const published = await change('publishPost', id, as);
    expect(published.data).toMatchObject({ publishPost: { __typename: 'Post', title: 'Changed' } });
    const deleted = await change('deletePost', id, as);
    expect(deleted.data).toEqual({ deletePost: { __typename: 'DeletedPost', id } });
    expect(await titleOf(id)).toBeNull();
  });

  it('is not for other members, nor are publishing and deleting', async () => {
    const { id } = await createPost({ status: 'PUBLISHED' });
    const refusal = {
      __typename: 'NotAllowed',
      code: 'FORBIDDEN',
      message: 'Only its author, moderators and administrators may change a post',
    };
    expect(await updatePost(id, { title: 'Changed' }, bob)).toEqual(refusal);
    expect((await change('publishPost', id, bob)).data).toEqual({ publishPost: refusal });
    expect((await change('deletePost', id, bob)).data).toEqual({ deletePost: refusal });
    expect(await titleOf(id)).toBe('A title');
  });

  it.each(['updatePost(id: "1", input: {})', 'publishPost(id: "1")', 'deletePost(id: "1")'])(
    'is refused to somebody who did not sign in: %s',
    async (field) => {
      const answer = await posts.ask(`mutation { ${field} { __typename } }`, { as: {} });
      expect(onlyError(answer)).toMatchObject({ count: 1, code: 'UNAUTHENTICATED' });
      expect(answer.statements).toEqual([]);
    },
  );

  it('is seen by what is read later in the same request', async () => {
    const { id } = await createPost({ title: 'First', tags: ['old'], status: 'PUBLISHED' });
    const { data } = await posts.ask(
      `mutation ($id: ID!) {
        one: updatePost(id: $id, input: { title: "Second", tags: ["new"] }) { ... on Post { title tags excerpt } }
        two: updatePost(id: $id, input: { title: "Third", content: "Text", tags: null }) { ... on Post { title tags excerpt } }
        three: publishPost(id: $id) { ... on Post { title tags status } }
      }`,
      { variables: { id }, as: ada },
    );
    expect(data).toEqual({
      one: { title: 'Second', tags: ['new'], excerpt: 'A text' },
      two: { title: 'Third', tags: [], excerpt: 'Text' },
      three: { title: 'Third', tags: [], status: 'PUBLISHED' },
    });
  });

  it('makes loaders forget what they had read before it', async () => {
    const { data } = await posts.ask(
      `mutation ($input: CreatePostInput!) {
        one: createPost(input: $input) { ...counted }
        two: createPost(input: $input) { ...counted }
      }
      fragment counted on Post { author { postCount posts(first: 5) { edges { node { title } } } } }`,
      {
        variables: { input: { title: 'Again', content: 'A text', status: 'PUBLISHED' } },
        as: { userId: 'diligent' },
      },
    );
    const edge = { node: { title: 'Again' } };
    expect(data).toEqual({
      one: { author: { postCount: 1, posts: { edges: [edge] } } },
      two: { author: { postCount: 2, posts: { edges: [edge, edge] } } },
    });
  });

  it('by two at once is done one after the other', async () => {
    const { id } = await createPost({ title: 'Contended', tags: [] });
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((tag) => updatePost(id, { tags: [tag, 'shared'] })),
    );
    expect(answers.map((answer) => answer?.['__typename'])).toEqual(['Post', 'Post', 'Post', 'Post']);
  });
});

describe('publishing', () => {
  it('shows a draft to readers, and does nothing to a published post', async () => {
    const { id } = await createPost({ title: 'Soon' });
    const first = (await change('publishPost', id, ada)).data?.['publishPost'];
    expect(first).toMatchObject({ status: 'PUBLISHED', publishedAt: expect.any(String) });
    const second = (await change('publishPost', id, ada)).data?.['publishPost'];
    expect(second).toEqual(first);
    expect(await titleOf(id)).toBe('Soon');
  });
});

describe('search', () => {
  it('finds words in titles before words in texts', async () => {
    await createPost({
      title: 'Nothing here',
      content: 'A zebra crossing, zebra by zebra',
      status: 'PUBLISHED',
    });
    await createPost({ title: 'The zebra', content: 'Nothing here', status: 'PUBLISHED' });
    const { data, statements } = await posts.ask(
      '{ search(text: "zebra") { __typename ... on Post { title excerpt(length: 7) } } }',
    );
    expect(data).toEqual({
      search: [
        { __typename: 'Post', title: 'The zebra', excerpt: 'Nothing' },
        { __typename: 'Post', title: 'Nothing here', excerpt: 'A zebra' },
      ],
    });
    expect(statements).toHaveLength(1);
  });

  it('takes the operators of a search box', async () => {
    const search = async (text: string) =>
      (
        await posts.ask<{ search: object[] }>(
          'query ($text: String!) { search(text: $text) { __typename } }',
          { variables: { text } },
        )
      ).data?.search.length;
    expect(await search('zebra -crossing')).toBe(1);
    expect(await search('"zebra crossing"')).toBe(1);
    expect(await search('zebra or unheard-of')).toBe(2);
    expect(await search('')).toBe(0);
  });
});

describe('references', () => {
  it('keep their places: unknown ones are null, repeated ones are repeated', async () => {
    const ids = ['3', 'unknown', '1', '3', "'; drop table posts; --", '2', '1'];
    const { data, errors, statements } = await posts.entities<Post>(
      ids.map((id) => ({ __typename: 'Post', id })),
      '... on Post { id }',
    );
    expect(data?._entities.map((post) => post?.id ?? null)).toEqual(['3', null, '1', '3', null, '2', '1']);
    expect(errors).toBeUndefined();
    expect(statements).toHaveLength(1);
  });

  it('of several types are answered in one request', async () => {
    const { data } = await posts.entities(
      [
        { __typename: 'User', id: '1' },
        { __typename: 'Post', id: '1' },
        { __typename: 'User', id: 'unknown' },
      ],
      '__typename ... on Post { id } ... on User { postCount }',
    );
    expect(data?._entities).toEqual([
      { __typename: 'User', postCount: 10 },
      { __typename: 'Post', id: '1' },
      { __typename: 'User', postCount: 0 },
    ]);
  });
});

describe('a post', () => {
  it('shows as much of its text as asked for, within bounds', async () => {
    const { data, errors } = await posts.ask(
      '{ post(id: "1") { one: excerpt(length: 1) all: excerpt(length: 1000) readingMinutes } }',
    );
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({ post: { one: 'q', readingMinutes: 1 } });
    for (const length of [0, 1001, -5]) {
      const answer = await posts.ask(`{ post(id: "1") { id excerpt(length: ${length}) } }`);
      expect(onlyError(answer)).toEqual({
        count: 1,
        code: 'BAD_USER_INPUT',
        message: `Argument "length" must be from 1 to 1000, but got ${length}`,
      });
    }
  });
});
