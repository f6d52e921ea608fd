import { expect, it } from 'vitest';

import { compareParts } from '../support/engine-oracle/compare-parts.ts';
import { loadDeferring } from '../support/engine-oracle/load-deferring.ts';
import { describeCase, search } from '../support/engine-oracle/search.ts';

const cases = Number(process.env['DEFER_CASES'] ?? 150);
const seed = Number(process.env['ORACLE_SEED'] ?? 1);

// Where fields fail there is nothing to compare with: a null that bubbles ends at its part, so that more is left of such
// an answer than without @defer.
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
        const { differences, actual, expected } = asked.judgement;
        const { kind } = asked.question.failures;
        const places = kind === 'down' ? compareParts(actual, expected) : [];
        if (places.length > 0) wrong.push(`${places.join(' ')}\n${describeCase(asked)}`);
        // Later fields come after the others.
        const isWrong = differences.some((difference) => difference.kind !== 'order');
        if (kind === 'none' && isWrong) wrong.push(describeCase(asked));
        return wrong.length > 0;
      },
    });
    process.stdout.write(
      `${result.cases} operations of seed ${seed} with ${statistics.parts} deferred parts\n`,
    );
    expect(wrong).toEqual([]);
    expect(statistics.parts).toBeGreaterThan(cases / 2);
  },
);
