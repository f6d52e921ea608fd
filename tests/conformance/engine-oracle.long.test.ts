import { expect, it } from 'vitest';

import { describeReport, runOracle } from '../support/engine-oracle/run-oracle.ts';

const { ORACLE_SECONDS, ORACLE_SEED, ORACLE_CASES } = process.env;

// Another seed each time, unless a failure is to be seen again.
const seed = Number(ORACLE_SEED ?? Date.now() % 1_000_000);
const cases = Number(ORACLE_CASES ?? 10_000);

it('the engine answers random operations on random supergraphs as if each were one schema', async () => {
  const limit = ORACLE_SECONDS === undefined ? {} : { seconds: Number(ORACLE_SECONDS) };
  const report = await runOracle({ cases, seed, ...limit, asksStock: false });
  process.stdout.write(describeReport(report));
  expect(report.disagreement).toBeUndefined();
  expect(report.cases).toBeGreaterThanOrEqual(ORACLE_SECONDS === undefined ? cases : 100);
});
