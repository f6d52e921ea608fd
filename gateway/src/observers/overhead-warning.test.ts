import { expect, it, vi } from 'vitest';

import { createOverheadWarning } from './overhead-warning.ts';

/** One request after the other, a second apart. */
const observe = (stagesMs: readonly number[], seconds: number, percent = 50) => {
  const warn = vi.fn();
  let at = 0;
  const warning = createOverheadWarning({ logger: { warn }, percent, now: () => at });
  for (let second = 0; second < seconds * 2; second += 1) {
    at += 500;
    warning({ stagesMs } as Parameters<typeof warning>[0]);
  }
  return warn;
};

const mostlyPlanning = [0, 1, 2, 0, 6, 1, 0];

it('says what takes the time, once a minute', () => {
  const warn = observe(mostlyPlanning, 150);
  expect(warn).toHaveBeenCalledTimes(2);
  expect(warn).toHaveBeenCalledWith(
    {
      requests: 120,
      percent: 90,
      stages: { accept: 0, identify: 10, document: 20, authorize: 0, plan: 60, execute: 10, write: 0 },
    },
    'preparing requests and writing answers takes a large part of their time',
  );
});

it.each([
  ['subgraphs take the time', [1, 1, 1, 0, 1, 20, 1], 150, 50],
  ['clients take long to send what they ask', [90, 1, 1, 0, 1, 5, 1], 150, 50],
  ['a minute is not over', mostlyPlanning, 50, 50],
  ['that much is fine', mostlyPlanning, 150, 100],
  ['a request was refused early', [1, -1, -1, -1, -1, -1, 0.1], 150, 50],
])('says nothing where %s', (_why, stagesMs, seconds, percent) => {
  expect(observe(stagesMs, seconds, percent)).not.toHaveBeenCalled();
});
