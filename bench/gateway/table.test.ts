import { expect, it } from 'vitest';

import { plain, type Row } from './row.ts';
import { formatTable } from './table.ts';

const row = (changes: Partial<Row>): Row => ({
  peer: 'stock',
  load: 'small',
  ...plain,
  cpuSecondsPer1k: 0.5,
  rps: 2000,
  p50Ms: 10,
  p99Ms: 40,
  rssMb: 200,
  ...changes,
});

it('shows each figure with its ratio to stock under the same load', () => {
  const [title, head, stock, ours] = formatTable([
    row({}),
    row({ peer: 'tributary', cpuSecondsPer1k: 0.05, rps: 20_000 }),
  ]).split('\n');
  expect(title).toBe('small: without in-flight sharing, one query text, no identity');
  expect(head?.split(/ {2,}/)).toEqual([
    '(of stock)',
    'CPU s / 1,000',
    'req/s',
    'p50 ms',
    'p99 ms',
    'RSS MB',
  ]);
  expect(stock).toMatch(/^stock +0\.500 \(1\.0\) +2000 \(1\.0\)/);
  expect(ours).toMatch(/^tributary +0\.0500 \(0\.10\) +20000 \(10\)/);
});

it('compares what shares with stock, which never does', () => {
  const text = formatTable([row({}), row({ peer: 'tributary', sharing: true, cpuSecondsPer1k: 0.05 })]);
  expect(text).toMatch(/with in-flight sharing.+\n.+\ntributary +0\.0500 \(0\.10\)/);
});

it('shows the figure alone where stock was not measured', () => {
  expect(formatTable([row({ peer: 'floor' })])).toMatch(/floor +0\.500 +2000 /);
});
