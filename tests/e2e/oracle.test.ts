import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createOracle, type Oracle } from '../support/oracle.ts';
import { startRealSupergraph, type RealSupergraph } from '../support/start-real-supergraph.ts';

let supergraph: RealSupergraph;
let oracle: Oracle;

beforeAll(async () => {
  supergraph = await startRealSupergraph();
  oracle = await createOracle(supergraph);
});
afterAll(() => supergraph?.stop());

describe('the supergraph', () => {
  it('answers random operations as one schema over the same data would', async () => {
    const { disagreement } = await oracle.search({
      cases: Number(process.env['CASES'] ?? 300),
      seed: Number(process.env['SEED'] ?? Date.now() % 1e6),
    });
    expect(disagreement).toBeUndefined();
  });
});
