import { expect, it } from 'vitest';

import { loadDeferring } from '../support/engine-oracle/load-deferring.ts';
import { describeCase, search } from '../support/engine-oracle/search.ts';

const cases = Number(process.env['DEFER_CASES'] ?? 150);
const seed = Number(process.env['ORACLE_SEED'] ?? 1);

// What fails is left out: a null that bubbles ends at the part, so that more is left of such an answer than without @defer.
it(
  'parts put together are the answer without @defer, on generated supergraphs',
  { timeout: 600_000 },
  async () => {
    const statistics = { parts: 0 };
    const wrong: string[] = [];
    const result = await search({
      load: loadDeferring(statistics),
      cases,
      seed,
      onCase: (asked) => {
        const { differences, expected } = asked.judgement;
        if (asked.question.failures.kind !== 'none' || (expected.errors ?? []).length > 0) return false;
        // Later fields come after the others.
        const others = differences.filter(({ kind }) => kind !== 'order');
        if (others.length > 0) wrong.push(describeCase(asked));
        return wrong.length > 0;
      },
    });
    process.stdout.write(
      `${result.cases} operations of seed ${seed} with ${statistics.parts} deferred parts\n`,
    );
    expect(wrong).toEqual([]);
    expect(statistics.parts).toBeGreaterThan(cases);
  },
);
