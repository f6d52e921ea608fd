import { describe, expect, it } from 'vitest';

import { describeReport, runCase, runOracle } from '../support/engine-oracle/run-oracle.ts';

const cases = 300;
const seed = Number(process.env['ORACLE_SEED'] ?? 1);

const one = process.env['ORACLE_CASE'];

describe('the engine, on generated supergraphs', () => {
  // The same ones each time: whether a change passes must not depend on luck. The long test looks for new ones.
  it.runIf(one === undefined)('answers as if there were one schema', { timeout: 300_000 }, async () => {
    const report = await runOracle({ cases, seed, asksStock: true });
    process.stdout.write(describeReport(report));
    expect(report.disagreement).toBeUndefined();
    expect(report.cases).toBe(cases);
    const { coverage } = report;
    expect(coverage.share('three or more subgraphs in the supergraph')).toBeGreaterThan(0.6);
    expect(coverage.share('hops through abstract types')).toBeGreaterThan(0.1);
    expect(coverage.share('@requires chains of two or more')).toBeGreaterThan(0.1);
    expect(coverage.share('a failure that the operation meets')).toBeGreaterThan(0.15);
  });

  it.runIf(one)('answers the case that was asked for', { timeout: 300_000 }, async () => {
    expect(await runCase(String(one))).toBeUndefined();
  });
});
