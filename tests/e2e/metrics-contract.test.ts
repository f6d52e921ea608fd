import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { startRealSupergraph, type RealSupergraph } from '../support/start-real-supergraph.ts';

let supergraph: RealSupergraph;
beforeAll(async () => {
  supergraph = await startRealSupergraph();
  await supergraph.query(
    '{ posts(first: 2) { edges { node { author { name } commentCount comments { edges { node { author { name } } } } } } } }',
  );
  await supergraph.query('{ posts(first: 0) { edges { cursor } } }');
  await fetch(`${supergraph.posts.url}/graphql?query={users}`);
});
afterAll(() => supergraph.stop());

/** Names of our own in a page, the parts of a histogram taken together. */
const ownMetrics = async (url: string): Promise<readonly string[]> => {
  const page = await (await fetch(`${url}/metrics`)).text();
  return [...page.matchAll(/^# TYPE (tributary_\w+) /gm)].map(([, name]) => name ?? '').toSorted();
};

it('serves the metrics that docs/operations.md promises, and no others', async () => {
  const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(tributary_\w+)` \| (all|gateway|subgraphs) \|/gm)];
  const promised = (place: string) =>
    rows
      .filter(([, , where]) => where === 'all' || where === place)
      .map(([, name]) => name ?? '')
      .toSorted();
  expect(await ownMetrics(supergraph.gateway.origin)).toEqual(promised('gateway'));
  for (const { url } of [supergraph.users, supergraph.posts, supergraph.comments]) {
    expect(await ownMetrics(url)).toEqual(promised('subgraphs'));
  }
});
