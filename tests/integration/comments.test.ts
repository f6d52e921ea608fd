import { startComments } from '@tributary/comments';
import { readConfig } from '@tributary/comments/config';
import type { EmbeddedPostgres } from '@tributary/embedded-postgres';
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
let comments: TestSubgraph;

beforeAll(async () => {
  postgres = await startTestPostgres(['comments']);
  comments = await startTestSubgraph(startComments, readConfig, {
    DATABASE_URL: postgres.url('comments'),
    SEED: 'jsonplaceholder',
  });
});

afterAll(async () => {
  await comments?.stop();
  await postgres?.stop();
});

const ada = { userId: 'ada' };
const bob = { userId: 'bob' };
const moderator = { userId: 'mo', roles: ['MODERATOR'] };
const admin = { userId: 'root', roles: ['ADMIN'] };

type Result = Readonly<Record<string, unknown>>;
type Connection = TestConnection<{ readonly id: string }>;

/** An entity that has comments, as far as these tests ask. */
interface Commented {
  readonly comments: Connection;
  readonly commentCount: number;
}

const postsTo = (count: number) => idsTo(count).map((id) => ({ __typename: 'Post', id }));
const idsOf = (connection: Connection | undefined) => connection?.edges.map(({ node }) => node.id);

/** Puts comments into the table, as many as asked for, all at one moment unless said otherwise. */
async function insertComments(
  count: number,
  {
    postId,
    authorId = 'writer',
    secondsApart = 0,
  }: { postId: string; authorId?: string; secondsApart?: number },
): Promise<void> {
  await comments.database.sql`
    insert into comments (id, post_id, author_id, body, created_at, updated_at)
    select ${postId} || '-' || lpad(n::text, 4, '0'), ${postId}, ${authorId}, 'Body ' || n, at, at
    from generate_series(1, ${count}::int) as n,
      lateral (select timestamptz '2025-06-01T00:00:00Z' + n * ${secondsApart}::int * interval '1 second' as at) as moment`;
}

const result = `
  __typename
  ... on Comment { id body isEdited createdAt updatedAt author { id } post { id commentCount } }
  ... on Problem { code message }`;

async function addComment(input: object, as: object = ada): Promise<Result | undefined> {
  const { data } = await comments.ask<{ addComment: Result }>(
    `mutation ($input: AddCommentInput!) {
      addComment(input: $input) { ${result} ... on InvalidInput { fields { path code message } } }
    }`,
    { variables: { input: { postId: 'p1', body: 'A remark', ...input } }, as },
  );
  return data?.addComment;
}

async function editComment(id: unknown, input: object, as: object = ada): Promise<Result | undefined> {
  const { data } = await comments.ask<{ editComment: Result }>(
    `mutation ($id: ID!, $input: EditCommentInput!) {
      editComment(id: $id, input: $input) { ${result} ... on InvalidInput { fields { path code message } } }
    }`,
    { variables: { id, input }, as },
  );
  return data?.editComment;
}

async function deleteComment(id: unknown, as: object = ada): Promise<Result | undefined> {
  const { data } = await comments.ask<{ deleteComment: Result }>(
    `mutation ($id: ID!) {
      deleteComment(id: $id) { __typename ... on DeletedComment { id } ... on Problem { code message } }
    }`,
    { variables: { id }, as },
  );
  return data?.deleteComment;
}

/** The text of a comment, null when there is none of that id. */
async function bodyOf(id: unknown): Promise<string | null> {
  const { data } = await comments.ask<{ comment: { body: string } | null }>(
    'query ($id: ID!) { comment(id: $id) { body } }',
    { variables: { id } },
  );
  return data?.comment?.body ?? null;
}

describe('the seed', () => {
  it('keeps ids and texts; the ten members take turns', async () => {
    const { data } = await comments.ask(
      `{ one: comment(id: "1") { ...all } ten: comment(id: "10") { ...all } eleven: comment(id: "11") { ...all } }
       fragment all on Comment { id body isEdited author { id } post { id } createdAt updatedAt }`,
    );
    expect(data).toEqual({
      one: {
        id: '1',
        body: expect.stringMatching(/^laudantium enim quasi/),
        isEdited: false,
        author: { id: '1' },
        post: { id: '1' },
        createdAt: '2026-01-06T00:00:00.000Z',
        updatedAt: '2026-01-06T00:00:00.000Z',
      },
      ten: expect.objectContaining({ author: { id: '10' }, post: { id: '2' } }),
      eleven: expect.objectContaining({ author: { id: '1' }, post: { id: '3' } }),
    });
  });

  it('leaves a database that has comments as it is', async () => {
    const again = await startTestSubgraph(startComments, readConfig, {
      DATABASE_URL: postgres.url('comments'),
      SEED: 'jsonplaceholder',
    });
    await again.stop();
    const [row] = await comments.database.sql`
      select count(*)::int as count, max(created_at) < '2026-01-10' as "isEarly" from comments where id ~ '^[0-9]+$'`;
    expect(row).toEqual({ count: 500, isEarly: true });
  });
});

describe('statements', () => {
  it.each([10, 50, 100])('one for the threads of %i posts, one for their counts', async (count) => {
    const { data, statements } = await comments.entities<Commented>(
      postsTo(count),
      '... on Post { commentCount comments(first: 3) { edges { node { id body author { id } post { id } } } } }',
    );
    expect(data?._entities.map((post) => post?.commentCount)).toEqual(Array(count).fill(5));
    expect(data?._entities.map((post) => post?.comments.edges.length)).toEqual(Array(count).fill(3));
    expect(statements).toHaveLength(2);
  });

  it.each([10, 50, 100])('one for what %i members said, one for their counts', async (count) => {
    const { data, statements } = await comments.entities<Commented>(
      idsTo(count).map((id) => ({ __typename: 'User', id })),
      `... on User { commentCount comments(first: 2) ${pageSelection} }`,
    );
    expect(data?._entities.map((user) => user?.commentCount)).toEqual(
      idsTo(count).map((id) => (Number(id) <= 10 ? 50 : 0)),
    );
    expect(idsOf(data?._entities[2]?.comments)).toEqual(['493', '483']);
    expect(statements).toHaveLength(2);
  });

  it.each([
    [10, 1],
    [50, 1],
    [100, 1],
    [101, 2],
    [200, 2],
    [250, 3],
  ])('batches of 100: %i references take %i', async (count, expected) => {
    const { data, statements } = await comments.entities<{ id: string }>(
      idsTo(count).map((id) => ({ __typename: 'Comment', id })),
      '... on Comment { id body author { id } post { id } }',
    );
    expect(data?._entities.map((comment) => comment?.id)).toEqual(idsTo(count));
    expect(statements).toHaveLength(expected);
  });

  it.each([
    [101, 4],
    [250, 6],
  ])('batches of 100: the threads and counts of %i posts take %i', async (count, expected) => {
    const { data, statements } = await comments.entities<Commented>(
      postsTo(count),
      `... on Post { commentCount comments(first: 1) ${pageSelection} }`,
    );
    expect(data?._entities[99]).toMatchObject({ commentCount: 5, comments: { edges: { length: 1 } } });
    expect(data?._entities[100]).toMatchObject({ commentCount: 0, comments: { edges: { length: 0 } } });
    expect(statements).toHaveLength(expected);
  });

  it('one for several pages of one post, each with its own size and place', async () => {
    const { data: first } = await comments.entities<Commented>(
      postsTo(1),
      `... on Post { comments(first: 2) ${pageSelection} }`,
    );
    const after = JSON.stringify(first?._entities[0]?.comments.pageInfo.endCursor);
    const { data, statements } = await comments.entities<Record<string, Connection>>(
      postsTo(2),
      `... on Post {
        one: comments(first: 1) ${pageSelection}
        rest: comments(after: ${after}) ${pageSelection}
        all: comments(first: 100) ${pageSelection}
        again: comments(first: 100) ${pageSelection}
      }`,
    );
    const [post, other] = data?._entities ?? [];
    expect(Object.values(post ?? {}).map(idsOf)).toEqual([
      ['1'],
      ['3', '4', '5'],
      ['1', '2', '3', '4', '5'],
      ['1', '2', '3', '4', '5'],
    ]);
    // The cursor is a place in time: in another thread it is before what came later.
    expect(idsOf(other?.['rest'])).toEqual(['6', '7', '8', '9', '10']);
    expect(statements).toHaveLength(1);
  });

  it('are counted in the metric that operators watch', async () => {
    const count = () => readMetric(comments.url, 'tributary_sql_statements_total', { subgraph: 'comments' });
    const before = await count();
    await comments.entities(postsTo(20), '... on Post { commentCount comments { edges { cursor } } }');
    expect((await count()) - before).toBe(2);
  });

  it('are one for each post and field when batching is off, with the same answer', async () => {
    const naive = await startTestSubgraph(startComments, readConfig, {
      DATABASE_URL: postgres.url('comments'),
      BATCHING: 'false',
    });
    try {
      const selection = `... on Post { commentCount comments(first: 5) ${pageSelection} }`;
      const batched = await comments.entities(postsTo(20), selection);
      const unbatched = await naive.entities(postsTo(20), selection);
      expect(unbatched.data).toEqual(batched.data);
      expect([batched.statements.length, unbatched.statements.length]).toEqual([2, 40]);
    } finally {
      await naive.stop();
    }
  });
});

describe('pages', () => {
  it.each([
    ['at different moments', 1],
    ['all at one moment', 0],
  ])('of a thread written %s hold every comment once, the oldest first', async (_name, secondsApart) => {
    const postId = `walked-${secondsApart}`;
    await insertComments(23, { postId, secondsApart });
    const pages = await walkPages(async (after) => {
      const { data } = await comments.entities<Commented>(
        [{ __typename: 'Post', id: postId }],
        `... on Post { comments(first: 5, after: ${JSON.stringify(after)}) ${pageSelection} }`,
      );
      return data?._entities[0]?.comments;
    });
    expect(pages.map(({ edges }) => edges.length)).toEqual([5, 5, 5, 5, 3]);
    expect(pages.map(({ pageInfo }) => pageInfo.hasPreviousPage)).toEqual([false, true, true, true, true]);
    for (const { edges, pageInfo } of pages) {
      expect([pageInfo.startCursor, pageInfo.endCursor]).toEqual([edges.at(0)?.cursor, edges.at(-1)?.cursor]);
    }
    const expected = Array.from({ length: 23 }, (_, n) => `${postId}-${String(n + 1).padStart(4, '0')}`);
    expect(pages.flatMap(idsOf)).toEqual(expected);
  });

  it.each([
    ['at different moments', 1],
    ['all at one moment', 0],
  ])('of what a member said %s hold every comment once, the newest first', async (_name, secondsApart) => {
    const authorId = `talker-${secondsApart}`;
    await insertComments(10, { postId: `talk-${secondsApart}`, authorId, secondsApart });
    const pages = await walkPages(async (after) => {
      const { data } = await comments.entities<Commented>(
        [{ __typename: 'User', id: authorId }],
        `... on User { comments(first: 5, after: ${JSON.stringify(after)}) ${pageSelection} }`,
      );
      return data?._entities[0]?.comments;
    });
    // A last page that is full says that it is the last.
    expect(pages.map(({ edges }) => edges.length)).toEqual([5, 5]);
    const expected = Array.from(
      { length: 10 },
      (_, n) => `talk-${secondsApart}-${String(10 - n).padStart(4, '0')}`,
    );
    expect(pages.flatMap(idsOf)).toEqual(expected);
  });

  it('of a thread that grows meanwhile show what was there and what came', async () => {
    await insertComments(4, { postId: 'growing', secondsApart: 1 });
    const pages = await walkPages(async (after) => {
      const { data } = await comments.entities<Commented>(
        [{ __typename: 'Post', id: 'growing' }],
        `... on Post { comments(first: 2, after: ${JSON.stringify(after)}) ${pageSelection} }`,
      );
      if (after === null) await addComment({ postId: 'growing', body: 'Late' });
      return data?._entities[0]?.comments;
    });
    expect(pages.flatMap(idsOf)).toEqual([
      'growing-0001',
      'growing-0002',
      'growing-0003',
      'growing-0004',
      expect.stringMatching(/^[\da-f-]{36}$/),
    ]);
  });

  it('without comments have no cursors', async () => {
    const { data } = await comments.entities(
      [{ __typename: 'Post', id: 'silent' }],
      `... on Post { commentCount comments ${pageSelection} }`,
    );
    expect(data?._entities).toEqual([
      {
        commentCount: 0,
        comments: {
          edges: [],
          pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
        },
      },
    ]);
  });

  it.each(['Post', 'User'])('of a %s have 1 to 100 entries', async (type) => {
    const ask = (first: number) =>
      comments.entities(
        [{ __typename: type, id: '1' }],
        `... on ${type} { comments(first: ${first}) { edges { cursor } } commentCount }`,
      );
    for (const first of [0, 101, -1]) {
      const answer = await ask(first);
      expect(onlyError(answer)).toEqual({
        count: 1,
        code: 'BAD_USER_INPUT',
        message: `Argument "first" must be from 1 to 100, but got ${first}`,
      });
      expect(answer.data?._entities[0]).toMatchObject({ comments: null, commentCount: expect.any(Number) });
    }
    expect((await ask(100)).errors).toBeUndefined();
  });

  it.each([
    ['no base64', 'näh'],
    ['no JSON', Buffer.from('hello').toString('base64url')],
    ['without a time', Buffer.from('["yesterday","1"]').toString('base64url')],
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
    const answer = await comments.entities(
      postsTo(1),
      `... on Post { comments(after: ${JSON.stringify(after)}) { edges { cursor } } }`,
    );
    expect(onlyError(answer)).toEqual({
      count: 1,
      code: 'BAD_USER_INPUT',
      message: `Argument "after" must be a cursor that this list gave, but got "${after}"`,
    });
    expect(answer.data).toEqual({ _entities: [{ comments: null }] });
  });

  it('begin at the default for null, as for an absent argument', async () => {
    await insertComments(12, { postId: 'defaults', secondsApart: 1 });
    const { data, statements } = await comments.entities<Record<string, Connection>>(
      [{ __typename: 'Post', id: 'defaults' }],
      `... on Post { nulls: comments(first: null, after: null) ${pageSelection} absent: comments ${pageSelection} }`,
    );
    const post = data?._entities[0];
    expect(post?.['nulls']?.edges).toHaveLength(10);
    expect(post?.['nulls']).toEqual(post?.['absent']);
    expect(statements).toHaveLength(1);
  });
});

describe('adding', () => {
  it('gives the comment back, its author being the caller', async () => {
    const comment = await addComment({ postId: 'fresh', body: '  Well said \n' });
    expect(comment).toEqual({
      __typename: 'Comment',
      id: expect.any(String),
      body: 'Well said',
      isEdited: false,
      author: { id: 'ada' },
      post: { id: 'fresh', commentCount: 1 },
      createdAt: expect.any(String),
      updatedAt: comment?.['createdAt'],
    });
    expect(await bodyOf(comment?.['id'])).toBe('Well said');
  });

  it('takes a post that nobody here can know of', async () => {
    expect(await addComment({ postId: 'no-such-post' })).toMatchObject({ post: { id: 'no-such-post' } });
  });

  it.each(['a b', 'x'.repeat(65), "1' or true", 'é', '../1', '1\n'])(
    'refuses %j, which no post has for an id',
    async (postId) => {
      const message = 'must be the id of a post: at most 64 letters, digits, "-" and "_"';
      expect(await addComment({ postId })).toEqual({
        __typename: 'InvalidInput',
        code: 'BAD_USER_INPUT',
        message: `postId: ${message}`,
        fields: [{ path: ['postId'], code: 'INVALID_REFERENCE', message }],
      });
    },
  );

  it('refuses an id that is none in any subgraph before it is looked at', async () => {
    const answer = await comments.ask(
      'mutation { addComment(input: { postId: "", body: "a" }) { __typename } }',
      { as: ada },
    );
    expect(onlyError(answer)).toEqual({
      count: 1,
      code: 'BAD_USER_INPUT',
      message: 'Argument "input.postId" must not be empty, but got ""',
    });
  });

  it('names everything that cannot be used', async () => {
    expect(await addComment({ postId: '?', body: ' \n ' })).toMatchObject({
      __typename: 'InvalidInput',
      fields: [
        { path: ['postId'], code: 'INVALID_REFERENCE' },
        { path: ['body'], code: 'INVALID_INPUT', message: 'must not be empty' },
      ],
    });
    expect(await addComment({ body: 'x'.repeat(5001) })).toMatchObject({
      __typename: 'InvalidInput',
      message: 'body: must have at most 5,000 characters',
    });
    expect(await addComment({ body: '😀'.repeat(2500) })).toMatchObject({ __typename: 'Comment' });
    expect(await addComment({ body: 'x'.repeat(5000) })).toMatchObject({ __typename: 'Comment' });
  });

  it.each(["' or '1'='1", "'); drop table comments; --", '$1', '\\', '{a,b}', '<script>', '😀', '日本'])(
    'takes %s for a text like any other',
    async (body) => {
      const comment = await addComment({ body });
      expect(comment).toMatchObject({ __typename: 'Comment', body });
      expect(await bodyOf(comment?.['id'])).toBe(body);
      expect(await bodyOf(body)).toBeNull();
    },
  );

  it.each([
    'mutation ($text: String!) { addComment(input: { postId: "1", body: $text }) { __typename } }',
    'mutation ($text: String!) { editComment(id: "1", input: { body: $text }) { __typename } }',
    'mutation ($text: ID!) { deleteComment(id: $text) { __typename } }',
    'query ($text: ID!) { comment(id: $text) { id } }',
  ])('refuses a text with a character that PostgreSQL cannot hold: %s', async (query) => {
    const answer = await comments.ask(query, { variables: { text: 'a\u0000b' }, as: ada });
    expect(onlyError(answer)).toMatchObject({ count: 1, code: 'BAD_USER_INPUT' });
  });

  it('makes loaders forget what they had read before it', async () => {
    const { data } = await comments.ask(
      `mutation ($one: AddCommentInput!, $two: AddCommentInput!) {
        one: addComment(input: $one) { ...thread }
        two: addComment(input: $two) { ...thread }
      }
      fragment thread on Comment {
        post { commentCount comments { edges { node { body } } } }
        author { commentCount }
      }`,
      {
        variables: { one: { postId: 'watched', body: 'First' }, two: { postId: 'watched', body: 'Second' } },
        as: { userId: 'watcher' },
      },
    );
    const first = { node: { body: 'First' } };
    const second = { node: { body: 'Second' } };
    expect(data).toEqual({
      one: { post: { commentCount: 1, comments: { edges: [first] } }, author: { commentCount: 1 } },
      two: { post: { commentCount: 2, comments: { edges: [first, second] } }, author: { commentCount: 2 } },
    });
  });

  it('that fails leaves nothing behind, and nothing of what came before it is lost', async () => {
    const { sql } = comments.database;
    await sql`alter table comments add constraint no_forbidden_words check (body <> 'forbidden')`;
    try {
      const answer = await comments.ask<Record<string, Result | null>>(
        `mutation {
          one: addComment(input: { postId: "half", body: "fine" }) { __typename }
          two: addComment(input: { postId: "half", body: "forbidden" }) { __typename }
        }`,
        { as: ada },
      );
      expect(onlyError(answer)).toEqual({
        count: 1,
        code: 'INTERNAL_SERVER_ERROR',
        message: 'Internal server error',
      });
      const rows = await sql`select body from comments where post_id = 'half'`;
      expect([...rows]).toEqual([{ body: 'fine' }]);
    } finally {
      await sql`alter table comments drop constraint no_forbidden_words`;
    }
  });
});

describe('editing', () => {
  it('changes the text, and shows that it was changed', async () => {
    const added = await addComment({ body: 'Teh text' });
    const edited = await editComment(added?.['id'], { body: 'The text' });
    expect(edited).toMatchObject({ body: 'The text', isEdited: true, createdAt: added?.['createdAt'] });
    expect(Date.parse(String(edited?.['updatedAt']))).toBeGreaterThan(
      Date.parse(String(added?.['createdAt'])),
    );
  });

  it.each([
    ['an absent text', {}],
    ['the same text', { body: ' The text ' }],
  ])('with %s changes nothing', async (_name, input) => {
    const added = await addComment({ body: 'The text' });
    expect(await editComment(added?.['id'], input)).toEqual(added);
  });

  it('with null is refused, since a comment has a text', async () => {
    const { id } = (await addComment({ body: 'Kept' })) ?? {};
    const message = 'must not be null: a comment has a text; leave it out to keep it';
    expect(await editComment(id, { body: null })).toEqual({
      __typename: 'InvalidInput',
      code: 'BAD_USER_INPUT',
      message: `body: ${message}`,
      fields: [{ path: ['body'], code: 'INVALID_INPUT', message }],
    });
    expect(await editComment(id, { body: ' ' })).toMatchObject({ message: 'body: must not be empty' });
    expect(await bodyOf(id)).toBe('Kept');
  });

  it.each([
    ['another member', bob],
    ['a moderator', moderator],
    ['an administrator', admin],
  ])('is not for %s', async (_name, as) => {
    const { id } = (await addComment({ body: 'Mine' })) ?? {};
    expect(await editComment(id, { body: 'Theirs' }, as)).toEqual({
      __typename: 'NotAllowed',
      code: 'FORBIDDEN',
      message: 'Only its author may edit a comment',
    });
    expect(await bodyOf(id)).toBe('Mine');
  });

  it('of a comment that does not exist is answered with NotFound', async () => {
    expect(await editComment('missing', { body: 'a' })).toEqual({
      __typename: 'NotFound',
      code: 'NOT_FOUND',
      message: 'There is no comment with the id "missing"',
    });
  });
});

describe('deleting', () => {
  it.each([
    ['its author', ada],
    ['a moderator', moderator],
    ['an administrator', admin],
  ])('is for %s', async (_name, as) => {
    const { id } = (await addComment({})) ?? {};
    expect(await deleteComment(id, as)).toEqual({ __typename: 'DeletedComment', id });
    expect(await bodyOf(id)).toBeNull();
    expect(await deleteComment(id, as)).toMatchObject({ __typename: 'NotFound' });
  });

  it('is not for other members', async () => {
    const { id } = (await addComment({ body: 'Still here' })) ?? {};
    expect(await deleteComment(id, bob)).toEqual({
      __typename: 'NotAllowed',
      code: 'FORBIDDEN',
      message: 'Only its author, moderators and administrators may delete a comment',
    });
    expect(await bodyOf(id)).toBe('Still here');
  });
});

describe('somebody who did not sign in', () => {
  it.each([
    'addComment(input: { postId: "1", body: "a" })',
    'editComment(id: "1", input: { body: "a" })',
    'deleteComment(id: "1")',
  ])('is refused before the database is asked: %s', async (field) => {
    const answer = await comments.ask(`mutation { ${field} { __typename } }`, { as: {} });
    expect(onlyError(answer)).toEqual({ count: 1, code: 'UNAUTHENTICATED', message: 'Sign in to do this' });
    expect(answer.statements).toEqual([]);
  });
});

describe('references', () => {
  it('keep their places: unknown ones are null, repeated ones are repeated', async () => {
    const ids = ['3', 'unknown', '1', '3', "'; drop table comments; --", '2', '1'];
    const { data, errors, statements } = await comments.entities<{ id: string }>(
      ids.map((id) => ({ __typename: 'Comment', id })),
      '... on Comment { id }',
    );
    expect(data?._entities.map((comment) => comment?.id ?? null)).toEqual([
      '3',
      null,
      '1',
      '3',
      null,
      '2',
      '1',
    ]);
    expect(errors).toBeUndefined();
    expect(statements).toHaveLength(1);
  });

  it('of several types are answered in one request', async () => {
    const { data, statements } = await comments.entities(
      [
        { __typename: 'User', id: '1' },
        { __typename: 'Post', id: '1' },
        { __typename: 'Comment', id: '1' },
        { __typename: 'Post', id: '1' },
        { __typename: 'User', id: 'unknown' },
      ],
      '__typename ... on Comment { id } ... on Post { commentCount } ... on User { count: commentCount }',
    );
    expect(data?._entities).toEqual([
      { __typename: 'User', count: 50 },
      { __typename: 'Post', commentCount: 5 },
      { __typename: 'Comment', id: '1' },
      { __typename: 'Post', commentCount: 5 },
      { __typename: 'User', count: 0 },
    ]);
    expect(statements).toHaveLength(3);
  });
});

describe('threadTitle', () => {
  it('is made of the title that the gateway brings along', async () => {
    const { data, statements } = await comments.entities(
      [
        { __typename: 'Post', id: '1', title: 'Hello' },
        { __typename: 'Post', id: '2', title: null },
        { __typename: 'Post', id: '3' },
      ],
      '... on Post { id threadTitle }',
    );
    expect(data?._entities).toEqual([
      { id: '1', threadTitle: 'Re: Hello' },
      { id: '2', threadTitle: null },
      { id: '3', threadTitle: null },
    ]);
    expect(statements).toEqual([]);
  });
});
