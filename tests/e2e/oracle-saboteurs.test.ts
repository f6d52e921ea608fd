import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { createOracle, type Oracle } from '../support/oracle.ts';
import { sabotages } from '../support/sabotages.ts';
import { startRealSupergraph, type RealSupergraph } from '../support/start-real-supergraph.ts';
import { startSaboteur, type Saboteur } from '../support/start-saboteur.ts';

const saboteurs: Saboteur[] = [];
let supergraph: RealSupergraph;
let oracle: Oracle;

beforeAll(async () => {
  supergraph = await startRealSupergraph({
    route: async (_name, url) => {
      const saboteur = await startSaboteur(url);
      saboteurs.push(saboteur);
      return saboteur.url;
    },
  });
  oracle = await createOracle(supergraph);
});
afterEach(() => saboteurs.forEach((saboteur) => saboteur.make(undefined)));
afterAll(async () => {
  await supergraph?.stop();
  await Promise.all(saboteurs.map((saboteur) => saboteur.stop()));
});

/** How many questions are enough for any of them; the seed is fixed, so that luck is not part of the test. */
const enough = 400;

describe('the oracle', () => {
  it('finds nothing as long as nobody makes a mistake', async () => {
    const { disagreement } = await oracle.search({ cases: 100, seed: 2 });
    expect(disagreement).toBeUndefined();
  });

  it.each(Object.keys(sabotages))('finds out when %s', async (name) => {
    const sabotage = sabotages[name]?.();
    for (const saboteur of saboteurs) saboteur.make(sabotage);
    const verdict = await oracle.search({ cases: enough, seed: 2, isShrunk: false });
    expect(verdict.disagreement).toBeDefined();
    process.stdout.write(`${name}: found out by case ${verdict.cases}\n`);
  });
});
