import { describe, expect, it, vi } from 'vitest';

import type * as AskedEntitiesModule from '../../gateway/src/engine/program/asked-entities.ts';
import type { EntitySelection } from '../../gateway/src/engine/program/asked-entities.ts';
import type * as DataTreeModule from '../../gateway/src/engine/program/data-tree.ts';
import { loadWithSeams } from '../support/engine-oracle/load-in-process.ts';
import { sabotages, type Sabotage } from '../support/engine-oracle/saboteurs.ts';
import { search } from '../support/engine-oracle/search.ts';

const replaced = vi.hoisted((): { current: Sabotage['module'] } => ({ current: undefined }));

vi.mock('../../gateway/src/engine/program/data-tree.ts', async (importOriginal) => {
  const original = await importOriginal<typeof DataTreeModule>();
  const overwrite =
    (keys: readonly string[]): DataTreeModule.MergeFields =>
    (target, source) => {
      for (const key of keys) if (source[key] !== undefined) target[key] = source[key];
    };
  return {
    ...original,
    compileMerge: (...args: Parameters<typeof original.compileMerge>) =>
      replaced.current === 'merge overwrites' ? overwrite(args[0]) : original.compileMerge(...args),
  };
});

vi.mock('../../gateway/src/engine/program/asked-entities.ts', async (importOriginal) => {
  const original = await importOriginal<typeof AskedEntitiesModule>();
  class Confused extends original.AskedEntities {
    readonly #byText = new Map<string, EntitySelection>();

    override of(...[selection, shape]: Parameters<AskedEntitiesModule.AskedEntities['of']>) {
      if (replaced.current !== 'arguments are not told apart') return super.of(selection, shape);
      const text = selection.operation.selectionText.replaceAll(/\([^)]*\)|__\d+:\w+/g, '');
      const first = this.#byText.get(text) ?? selection;
      this.#byText.set(text, first);
      return super.of(first, shape);
    }
  }
  return { ...original, AskedEntities: Confused };
});

/** How many cases are enough for any of them; the seed is fixed, so that luck is not part of the test. */
const enough = 2_000;

describe('the oracle', () => {
  it('finds nothing as long as nobody makes a mistake', async () => {
    expect(await casesUntilFound({}, 60)).toBeUndefined();
  });

  it.each(Object.keys(sabotages))('finds out when %s', { timeout: 300_000 }, async (name) => {
    const cases = await casesUntilFound(sabotages[name] ?? {}, enough);
    process.stdout.write(`${name}: found out by case ${cases}\n`);
    expect(cases).toBeLessThanOrEqual(enough);
  });
});

async function casesUntilFound(sabotage: Sabotage, cases: number): Promise<number | undefined> {
  replaced.current = sabotage.module;
  let isFound = false;
  const result = await search({
    load: loadWithSeams(sabotage),
    cases,
    seed: 1,
    ...(sabotage.interference && { interference: sabotage.interference }),
    onCase: ({ judgement }) => (isFound = judgement.differences.length > 0),
  });
  return isFound ? result.cases : undefined;
}
