import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import {
  composeSupergraph,
  expectSupergraph,
  lintSchema,
  loadSubgraphs,
  readSupergraphConfig,
} from '@tributary/planning';
import { expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const load = async () =>
  loadSubgraphs(await readSupergraphConfig(fileURLToPath(new URL('supergraph.yaml', root))));

it('is committed as the subgraphs compose it: `npm run tributary -- compose --config supergraph.yaml --output supergraph.graphql`', async () => {
  const { supergraphSdl } = expectSupergraph(composeSupergraph(await load()));
  expect(await readFile(new URL('supergraph.graphql', root), 'utf8')).toBe(`${supergraphSdl.trimEnd()}\n`);
});

it('composes without a hint that somebody should act on', async () => {
  const { hints } = expectSupergraph(composeSupergraph(await load()));
  expect(hints.filter(({ level }) => level === 'WARN')).toEqual([]);
});

it('has no schema with a design error', async () => {
  for (const { name, sdl } of await load()) {
    const errors = lintSchema(sdl).filter(({ severity }) => severity === 'error');
    expect(errors, name).toEqual([]);
  }
});
