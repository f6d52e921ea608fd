import { expect, it } from 'vitest';

import { formatTable } from './table.ts';

it('has a line for each log and transport', () => {
  const rows = [{ log: 'redis', transport: 'ws', events: 500, p50Ms: 9.1, p99Ms: 20, lost: 0 }] as const;
  expect(formatTable(rows).split('\n')).toEqual([
    'log        transport  events     p50 ms     p99 ms     lost',
    'redis      ws         500        9.1        20         0',
  ]);
});
