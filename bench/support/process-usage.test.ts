import { expect, it } from 'vitest';

import { parseStat } from './process-usage.ts';

it('counts from the end of a name that has brackets and spaces in it', () => {
  // 100 + 50 ticks of its own, 20 + 30 of children that have ended, 2,560 pages
  const stat =
    '7 (a) (b c) S 3 7 7 0 -1 4194560 1 2 3 4 100 50 20 30 20 0 12 0 999 123456 2560 18446744073709551615';
  expect(parseStat(7, stat)).toEqual({ pid: 7, parent: 3, cpuSeconds: 2, rssMb: 10 });
});
