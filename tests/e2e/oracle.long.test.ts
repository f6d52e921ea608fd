import { afterAll, beforeAll, expect, it } from 'vitest';

import { createOracle, seedOfEnvironment, type Oracle } from '../support/oracle.ts';
import { startRealSupergraph, type RealSupergraph } from '../support/start-real-supergraph.ts';

let supergraph: RealSupergraph;
let oracle: Oracle;

beforeAll(async () => {
  supergraph = await startRealSupergraph();
  oracle = await createOracle(supergraph);
});
afterAll(() => supergraph?.stop());

const seconds = Number(process.env['ORACLE_SECONDS'] ?? 300);

it('the supergraph answers random operations like one schema, for as long as there is time', async () => {
  const verdict = await oracle.search({ cases: 1_000_000, seconds, ...seedOfEnvironment() });
  process.stdout.write(`${verdict.cases} cases of seed ${verdict.seed} in ${seconds} s\n`);
  for (const [defect, cases] of oracle.overlooked)
    process.stdout.write(`${cases} of them show a known defect: ${defect}\n`);
  expect(verdict.disagreement).toBeUndefined();
  expect(verdict.cases).toBeGreaterThan(seconds * 10);
});
