import { expect, it } from 'vitest';

import { OrderedWork } from './ordered-work.ts';

function start({ maxConcurrent = 2, maxPending = 10 } = {}) {
  const delivered: string[] = [];
  const begun: number[] = [];
  const finish = new Map<number, () => void>();
  const ordered = new OrderedWork<number>({ maxConcurrent, maxPending }, () => {});
  const push = (...indexes: readonly number[]) => {
    for (const index of indexes) {
      ordered.push({
        index,
        run: () => {
          begun.push(index);
          return new Promise((resolve) => finish.set(index, () => resolve(index)));
        },
        deliver: (outcome, missed) =>
          void delivered.push(missed > 0 ? `${outcome} after ${missed}` : `${outcome}`),
      });
    }
  };
  const done = async (...indexes: readonly number[]) => {
    for (const index of indexes) {
      finish.get(index)?.();
      await new Promise((resolve) => void setImmediate(resolve));
    }
  };
  return { ordered, push, done, begun, delivered };
}

it('delivers in the order of arrival, whatever is done first', async () => {
  const { ordered, push, done, begun, delivered } = start();
  push(1, 2, 3);
  expect([begun, ordered.oldest]).toEqual([[1, 2], 1]);
  await done(2);
  expect([begun, delivered]).toEqual([[1, 2, 3], []]);
  await done(1, 3);
  expect([delivered, ordered.oldest]).toEqual([['1', '2', '3'], Infinity]);
});

it('leaves out the oldest that has not begun when too many wait, and says so with the next', async () => {
  const { push, done, begun, delivered } = start({ maxPending: 4 });
  push(1, 2, 3, 4, 5, 6);
  await done(1, 2, 5, 6);
  expect(begun).toEqual([1, 2, 5, 6]);
  expect(delivered).toEqual(['1', '2', '5 after 2', '6']);
});

it('delivers nothing before its gate opens, and nothing that was cleared', async () => {
  const { ordered, push, done, delivered } = start();
  const gate = Promise.withResolvers<void>();
  const waiting = ordered.waitFor(gate.promise);
  push(1, 2);
  await done(1);
  expect(delivered).toEqual([]);
  gate.resolve();
  await waiting;
  expect(delivered).toEqual(['1']);
  ordered.clear();
  await done(2);
  expect(delivered).toEqual(['1']);
});
