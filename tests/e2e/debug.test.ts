import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startRealSupergraph, type RealSupergraph } from '../support/start-real-supergraph.ts';

const query =
  '{ users(first: 2) { edges { node { id email posts(first: 2) { edges { node { title } } } } } } }';
const headers = { 'tributary-debug': '1' };

interface Debug {
  readonly durationMs: number;
  readonly plan: string;
  readonly fetches: readonly {
    readonly subgraph: string;
    readonly query: string;
    readonly isFailed: boolean;
  }[];
}

const debugOf = ({ body }: Awaited<ReturnType<RealSupergraph['query']>>) =>
  (body as { extensions?: { debug: Debug } }).extensions?.debug;

describe('an operation that spans two subgraphs', () => {
  let supergraph: RealSupergraph;
  beforeAll(async () => {
    supergraph = await startRealSupergraph();
  });
  afterAll(() => supergraph.stop());

  it('is split into one fetch for each, in order, which a developer can see', async () => {
    const debug = debugOf(await supergraph.query(query, { headers }));
    expect(debug?.fetches.map(({ subgraph }) => subgraph)).toEqual(['users', 'posts']);
    expect(debug?.fetches[1]?.query).toContain('_entities(representations:$representations)');
    expect(debug?.plan).toMatch(/Sequence \{\s+Fetch\(service: "users"\)[\s\S]+Fetch\(service: "posts"\)/);
    expect(debug?.durationMs).toBeGreaterThan(0);
  });

  it('shows a fetch that failed as such', async () => {
    await supergraph.posts.stop();
    const debug = debugOf(await supergraph.query(query, { headers }));
    expect(debug?.fetches.map(({ subgraph, isFailed }) => [subgraph, isFailed])).toEqual([
      ['users', false],
      ['posts', true],
    ]);
    await supergraph.restart('posts');
  });

  it('says nothing of it to a client that does not ask', async () => {
    expect(debugOf(await supergraph.query(query))).toBeUndefined();
  });
});

it('is not shown in production', async () => {
  const supergraph = await startRealSupergraph({ gateway: { NODE_ENV: 'production' } });
  const answer = await supergraph.query(query, { headers });
  expect(answer.body.data).not.toBeNull();
  expect(debugOf(answer)).toBeUndefined();
  await supergraph.stop();
});
