import { expect, it } from 'vitest';

import type { Row } from './row.ts';
import { formatTables } from './table.ts';

const row = (changes: Partial<Row>): Row => ({
  peer: 'tributary',
  tier: 'one-post',
  selection: 'data',
  subscribers: 10,
  eventsPerSecond: 5,
  delivered: 50,
  lost: 0,
  deliveriesPerCpuSecond: 100_000,
  p50Ms: 1,
  p99Ms: 2,
  rssMb: 100,
  ...changes,
});

it('shows how much more one CPU second of ours delivers, tier by tier', () => {
  const rows = [row({}), row({ peer: 'hive', deliveriesPerCpuSecond: 5000 }), row({ tier: 'burst' })];
  const [first, second] = formatTables({ rows, idle: [], fetches: [] }).split('\n\n');
  const [title, head, ours, hive] = first?.split('\n') ?? [];
  expect(title).toBe('one-post, data');
  expect(head).toMatch(/subscribers +events\/s +delivered +lost +per CPU s/);
  expect(ours).toMatch(/^tributary +10 +5 +50 +0 +100000 .* 1\.00$/);
  expect(hive).toMatch(/^hive .* 20\.0$/);
  expect(second).toMatch(/^burst, data\n/);
});

it('shows what idle subscribers take, and how often subgraphs were asked', () => {
  const text = formatTables({
    rows: [],
    idle: [{ peer: 'hive', subscribers: 10, kbPerSubscriber: 33 }],
    fetches: [
      { peer: 'hive', tier: 'one-post', selection: 'federated', subgraph: 'users', fetchesPerEvent: 10 },
    ],
  });
  expect(text).toContain('hive                    33');
  expect(text).toContain('one-post, federated: users 10');
});
