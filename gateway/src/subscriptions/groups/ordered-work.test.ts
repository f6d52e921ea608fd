import { expect, it } from 'vitest';

import { OrderedWork } from './ordered-work.ts';

function start({ maxConcurrent = 2, maxPending = 10, isStarted = true } = {}) {
  const delivered: string[] = [];
  const begun: number[] = [];
  const finish = new Map<number, () => void>();
  const ordered = new OrderedWork<number>({ maxConcurrent, maxPending }, isStarted);
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
  const pending = () => ordered.pending.map(({ work, missed }) => [work.index, missed]);
  return { ordered, push, done, begun, delivered, pending };
}

it('delivers in the order of arrival, whatever is done first', async () => {
  const { push, done, begun, delivered, pending } = start();
  push(1, 2, 3);
  expect(begun).toEqual([1, 2]);
  await done(2);
  expect([begun, delivered]).toEqual([[1, 2, 3], []]);
  await done(1, 3);
  expect([delivered, pending()]).toEqual([['1', '2', '3'], []]);
});

it('leaves out the oldest that has not begun when too many wait, and says so with the next', async () => {
  const { push, done, begun, delivered } = start({ maxPending: 4 });
  push(1, 2, 3, 4, 5, 6);
  await done(1, 2, 5, 6);
  expect(begun).toEqual([1, 2, 5, 6]);
  expect(delivered).toEqual(['1', '2', '5 after 2', '6']);
});

it('begins nothing before it is started, and delivers nothing that was cleared', async () => {
  const { ordered, push, done, begun, delivered, pending } = start({ isStarted: false, maxPending: 2 });
  push(1, 2, 3);
  expect([begun, pending()]).toEqual([
    [],
    [
      [2, 1],
      [3, 0],
    ],
  ]);
  ordered.start();
  await done(2);
  expect(delivered).toEqual(['2 after 1']);
  ordered.clear();
  await done(3);
  expect(delivered).toEqual(['2 after 1']);
});
