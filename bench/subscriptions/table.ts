import type { Result, Row } from './row.ts';

const columns = [
  ['subscribers', 'subscribers'],
  ['eventsPerSecond', 'events/s'],
  ['delivered', 'delivered'],
  ['lost', 'lost'],
  ['deliveriesPerCpuSecond', 'per CPU s'],
  ['p50Ms', 'p50 ms'],
  ['p99Ms', 'p99 ms'],
  ['rssMb', 'RSS MB'],
] as const;

const nameWidth = 12;
const width = 14;

/** The result as people read it: one table for each tier and selection, and how much more one CPU second of ours delivers. */
export function formatTables({ rows, idle, fetches }: Result): string {
  const groups = Map.groupBy(rows, ({ tier, selection }) => `${tier}, ${selection}`);
  const tables = [...groups].map(([title, group]) => formatGroup(title, group));
  if (idle.length > 0) {
    const lines = idle.map(({ peer, kbPerSubscriber }) => formatLine([peer, String(kbPerSubscriber)]));
    tables.push(['KB of RSS for each idle subscriber', ...lines].join('\n'));
  }
  if (fetches.length > 0) {
    const lines = fetches.map(
      ({ peer, tier, selection, subgraph, fetchesPerEvent }) =>
        `${peer.padEnd(nameWidth)}${tier}, ${selection}: ${subgraph} ${fetchesPerEvent}`,
    );
    tables.push(['Fetches of entities for each event', ...lines].join('\n'));
  }
  return tables.join('\n\n');
}

function formatGroup(title: string, rows: readonly Row[]): string {
  const ours = rows.find(({ peer }) => peer === 'tributary')?.deliveriesPerCpuSecond;
  const lines = rows.map((row) => [
    row.peer,
    ...columns.map(([key]) => String(row[key])),
    ours === undefined ? '' : (ours / row.deliveriesPerCpuSecond).toPrecision(3),
  ]);
  const head = ['', ...columns.map(([, name]) => name), 'ours is ×'];
  return [title, ...[head, ...lines].map(formatLine)].join('\n');
}

const formatLine = ([first = '', ...rest]: readonly string[]): string =>
  first.padEnd(nameWidth) + rest.map((cell) => cell.padStart(width)).join('');
