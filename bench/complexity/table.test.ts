import { expect, it } from 'vitest';

import { formatTable } from './table.ts';

it('shows both gateways, and what ours costs of stock, in one line for each cell', () => {
  const [head, line] = formatTable([
    {
      depth: '3-4',
      fields: '16+',
      lists: '100+',
      lengths: [120, 8, 1, 1],
      answerBytes: 905_000,
      fetches: 4,
      tributary: { cpuSecondsPer1k: 12.34, p50Ms: 25, p99Ms: 41 },
      stock: { cpuSecondsPer1k: 61.7, p50Ms: 120, p99Ms: 200 },
      ratio: 0.2,
    },
  ]).split('\n');
  expect(head?.trim().split(/ {2,}/)).toHaveLength(13);
  expect(line?.trim().replaceAll(/ +/g, ' ')).toBe(
    '3-4 16+ 100+ 120·8·1·1 905000 4 12.3 25.0 41.0 61.7 120 200 0.20',
  );
});
