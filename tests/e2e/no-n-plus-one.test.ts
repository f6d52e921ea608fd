import { readMetric } from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  startRealSupergraph,
  type RealSupergraph,
  type SubgraphName,
} from '../support/start-real-supergraph.ts';

const names: readonly SubgraphName[] = ['users', 'posts', 'comments'];

/** What one operation cost: requests to each subgraph, SQL statements in each. */
interface Cost {
  readonly fetches: Readonly<Record<string, number>>;
  readonly statements: Readonly<Record<string, number>>;
}

const countAll = async (supergraph: RealSupergraph): Promise<Cost> => {
  const fetches: Record<string, number> = {};
  const statements: Record<string, number> = {};
  for (const subgraph of names) {
    const { origin } = supergraph.gateway;
    fetches[subgraph] = await readMetric(origin, 'tributary_subgraph_requests_total', { subgraph });
    statements[subgraph] = await readMetric(supergraph[subgraph].url, 'tributary_sql_statements_total', {
      subgraph,
    });
  }
  return { fetches, statements };
};

const difference = (after: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]));

/** Asks and counts through the public metrics; an answer with errors would be a cheap one, so it fails. */
const costOf = async (supergraph: RealSupergraph, query: string): Promise<Cost> => {
  const before = await countAll(supergraph);
  const { body } = await supergraph.query(query);
  expect(body.errors).toBeUndefined();
  const after = await countAll(supergraph);
  return {
    fetches: difference(after.fetches, before.fetches),
    statements: difference(after.statements, before.statements),
  };
};

const social = (first: number) =>
  `{ posts(first: ${first}) { edges { node { title author { name } comments(first: 5) { edges { node { body author { name } } } } } } } }`;

describe('one statement per subgraph and level, whatever the size of the page', () => {
  let supergraph: RealSupergraph;
  beforeAll(async () => {
    supergraph = await startRealSupergraph();
  });
  afterAll(() => supergraph.stop());

  it.each([10, 20, 50, 100])('asks for %i posts with authors, comments and their authors', async (first) => {
    const { fetches, statements } = await costOf(supergraph, social(first));
    // The authors of posts leave with those of comments: nothing waits for them before.
    expect(fetches).toEqual({ posts: 1, comments: 1, users: 1 });
    expect(statements).toEqual({ posts: 1, comments: 1, users: 1 });
  });

  it.each([
    {
      title: 'posts and authors',
      query: (first: number) => `{ posts(first: ${first}) { edges { node { title author { name } } } } }`,
      cost: { fetches: { posts: 1, comments: 0, users: 1 }, statements: { posts: 1, comments: 0, users: 1 } },
    },
    {
      title: 'posts, authors and comment counts',
      query: (first: number) =>
        `{ posts(first: ${first}) { edges { node { title author { name } commentCount } } } }`,
      cost: { fetches: { posts: 1, comments: 1, users: 1 }, statements: { posts: 1, comments: 1, users: 1 } },
    },
    {
      title: 'users with their posts and the comments on them',
      query: () =>
        '{ users(first: 10) { edges { node { name posts(first: 5) { edges { node { title comments(first: 5) { edges { node { body } } } } } } } } } }',
      cost: { fetches: { posts: 1, comments: 1, users: 1 }, statements: { posts: 1, comments: 1, users: 1 } },
    },
    {
      title: 'a field that needs another subgraph first (@requires)',
      query: (first: number) => `{ posts(first: ${first}) { edges { node { threadTitle } } } }`,
      cost: { fetches: { posts: 1, comments: 1, users: 0 }, statements: { posts: 1, comments: 0, users: 0 } },
    },
  ])('asks for $title', async ({ query, cost }) => {
    for (const first of [10, 50, 100]) expect(await costOf(supergraph, query(first))).toEqual(cost);
  });

  it('comes back to posts from hundreds of comments with one statement for the distinct ones', async () => {
    const { fetches, statements } = await costOf(
      supergraph,
      '{ posts(first: 100) { edges { node { comments(first: 5) { edges { node { post { title } } } } } } } }',
    );
    expect(fetches).toEqual({ posts: 2, comments: 1, users: 0 });
    expect(statements).toEqual({ posts: 2, comments: 1, users: 0 });
  });
});

describe('without loaders', () => {
  let naive: RealSupergraph;
  beforeAll(async () => {
    const settings = { BATCHING: 'false', DATABASE_POOL_SIZE: '20' };
    naive = await startRealSupergraph({
      subgraphs: { users: settings, posts: settings, comments: settings },
    });
  });
  afterAll(() => naive.stop());

  it('needs a statement for every key, which is what the loaders are for', async () => {
    const batched = { posts: 1, comments: 1, users: 1 };
    const { fetches, statements } = await costOf(naive, social(20));
    console.info(
      `20 posts: ${JSON.stringify(statements)} SQL statements without loaders, ${JSON.stringify(batched)} with`,
    );
    expect(fetches).toEqual(batched);
    expect(statements['comments']).toBe(20);
    // The gateway asks for each of the ten users once, so even these are not one for each post and comment.
    expect(statements['users']).toBe(10);
  });
});
