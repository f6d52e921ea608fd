import { rmSync } from 'node:fs';

import { startComments } from '@tributary/comments';
import { readConfig as readCommentsConfig } from '@tributary/comments/config';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@tributary/embedded-postgres';
import { startPosts } from '@tributary/posts';
import { readConfig as readPostsConfig } from '@tributary/posts/config';
import { createTestKeys, makeTestFolder } from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startTestSubgraph, type SubgraphAnswer, type TestSubgraph } from '../support/start-test-subgraph.ts';

const subgraphNames = ['posts', 'comments'] as const;
type Name = (typeof subgraphNames)[number];

let folder: string;
let postgres: EmbeddedPostgres;
let subgraphs: Record<Name, TestSubgraph>;

/** In one folder always, so that a second start has the data and the port of the first. */
const startPostgres = () => startEmbeddedPostgres({ folder, databases: subgraphNames });

beforeAll(async () => {
  folder = makeTestFolder('outage');
  postgres = await startPostgres();
  const env = (name: Name) => ({ DATABASE_URL: postgres.url(name), SEED: 'jsonplaceholder' });
  subgraphs = {
    posts: await startTestSubgraph(startPosts, readPostsConfig, env('posts')),
    comments: await startTestSubgraph(startComments, readCommentsConfig, env('comments')),
  };
});

afterAll(async () => {
  for (const subgraph of Object.values(subgraphs ?? {})) await subgraph.stop();
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** One operation for each way to the database: a loader, a statement of its own, a transaction. */
const operations: Record<Name, Record<string, string>> = {
  posts: {
    'by id': '{ post(id: "1") { title } }',
    'as a reference':
      '{ _entities(representations: [{ __typename: "Post", id: "1" }]) { ... on Post { title } } }',
    'as a list': '{ posts(first: 2) { edges { node { title } } } }',
    'by a search': '{ search(text: "sunt") { __typename } }',
    'in a mutation': 'mutation { createPost(input: { title: "a", content: "b" }) { __typename } }',
  },
  comments: {
    'by id': '{ comment(id: "1") { body } }',
    'as a thread': `{
      _entities(representations: [{ __typename: "Post", id: "1" }]) { ... on Post { comments { edges { cursor } } } }
    }`,
    'as a count':
      '{ _entities(representations: [{ __typename: "User", id: "1" }]) { ... on User { commentCount } } }',
    'in a mutation': 'mutation { addComment(input: { postId: "1", body: "b" }) { __typename } }',
  },
};

const askAll = async (name: Name): Promise<Record<string, SubgraphAnswer<unknown>>> =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(operations[name]).map(
        async ([way, query]) => [way, await subgraphs[name].ask(query, { as: { userId: 'ada' } })] as const,
      ),
    ),
  );

const readiness = async (name: Name) => {
  const response = await fetch(`${subgraphs[name].url}/health/ready`);
  const { status, database } = (await response.json()) as { status: string; database: string };
  return { code: response.status, status, database };
};

describe('a database that goes away', () => {
  it('is a coded error for whatever needs it, and nothing else after it is back', async () => {
    for (const name of subgraphNames) {
      const answers = await askAll(name);
      for (const answer of Object.values(answers)) expect(answer.errors).toBeUndefined();
    }

    await postgres.stop();
    for (const name of subgraphNames) {
      const answers = await askAll(name);
      for (const [way, { status, errors }] of Object.entries(answers)) {
        expect({ way, status, count: errors?.length, error: errors?.[0] }).toMatchObject({
          way,
          status: 200,
          count: 1,
          error: {
            message: 'The database did not answer as expected; try again',
            extensions: { code: 'DATABASE_ERROR', retryable: true },
          },
        });
        // Neither what was asked nor where: no SQL, no host, no port, no stack.
        expect(JSON.stringify(errors)).not.toMatch(/select |insert |127\.0\.0\.1|ECONN|postgres|stack/i);
      }
      expect(await readiness(name)).toEqual({
        code: 503,
        status: 'unavailable',
        database: expect.stringMatching(/^down \(.+\)$/),
      });
    }

    postgres = await startPostgres();
    for (const name of subgraphNames) {
      const answers = await askAll(name);
      for (const [way, answer] of Object.entries(answers)) {
        expect({ way, errors: answer.errors }).toEqual({ way, errors: undefined });
      }
      expect(await readiness(name)).toEqual({ code: 200, status: 'ready', database: 'up' });
    }
  });

  it('names the keys that a loader could not load', async () => {
    await postgres.stop();
    const { errors } = await subgraphs.posts.entities(
      ['1', '2'].map((id) => ({ __typename: 'Post', id })),
      '... on Post { title }',
    );
    postgres = await startPostgres();
    expect(errors?.map(({ extensions }) => extensions)).toEqual(
      [0, 1].map(() => ({
        code: 'DATABASE_ERROR',
        retryable: true,
        loader: 'postById',
        loaderError: true,
        failedKeys: ['1', '2'],
      })),
    );
  });
});

describe('a database that is too slow', () => {
  it('is a coded error too', async () => {
    const slow = await startTestSubgraph(startPosts, readPostsConfig, {
      DATABASE_URL: postgres.url('posts'),
      STATEMENT_TIMEOUT_MS: '100',
    });
    const { sql } = subgraphs.posts.database;
    try {
      await sql.begin(async (tx) => {
        await tx`lock table posts in access exclusive mode`;
        const { errors } = await slow.ask('{ posts { edges { cursor } } }');
        expect(errors).toMatchObject([{ extensions: { code: 'DATABASE_ERROR', retryable: true } }]);
      });
    } finally {
      await slow.stop();
    }
  });
});

describe('a subgraph whose database is not there', () => {
  it('does not start, and says what is missing', async () => {
    const { publicKey } = createTestKeys();
    const config = readPostsConfig({
      PORT: '0',
      LOG_LEVEL: 'silent',
      IDENTITY_PUBLIC_KEY: publicKey,
      DATABASE_URL: postgres.url('posts').replace(/posts$/, 'nowhere'),
    });
    await expect(startPosts(config)).rejects.toMatchObject({
      code: 'DATABASE_ERROR',
      message: 'The database of posts could not be prepared: database "nowhere" does not exist',
    });
  });
});
