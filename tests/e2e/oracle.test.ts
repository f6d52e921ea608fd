import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createOracle, questionOf, seedOfEnvironment, type Oracle } from '../support/oracle.ts';
import { startRealSupergraph, type RealSupergraph } from '../support/start-real-supergraph.ts';
import { stockDefects } from '../support/stock-defects.ts';

let supergraph: RealSupergraph;
let oracle: Oracle;

beforeAll(async () => {
  supergraph = await startRealSupergraph();
  oracle = await createOracle(supergraph, []);
});
afterAll(() => supergraph?.stop());

describe('the supergraph, beside one schema over the same data', () => {
  it('answers random operations alike', async () => {
    const cases = 600;
    // The same ones each time: whether a change passes must not depend on luck. oracle.long.test.ts looks for new ones.
    const verdict = await oracle.search({ cases, seed: 1, ...seedOfEnvironment() });
    expect(verdict.disagreement).toBeUndefined();
    expect(verdict.cases).toBe(cases);
  });

  it('describes itself alike', async () => {
    expect(await oracle.judge(questionOf(getIntrospectionQuery({ specifiedByUrl: true })))).toEqual([]);
  });
});

describe('where the stock engine is known to be wrong, ours is right', () => {
  it.each(stockDefects)('$name', async ({ example }) => {
    expect(await oracle.judge(questionOf(example))).toEqual([]);
  });
});
