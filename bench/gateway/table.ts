import { describeVariant, figureNames, type Row } from './row.ts';

const titles: Readonly<Record<(typeof figureNames)[number], string>> = {
  cpuSecondsPer1k: 'CPU s / 1,000',
  rps: 'req/s',
  p50Ms: 'p50 ms',
  p99Ms: 'p99 ms',
  rssMb: 'RSS MB',
};

const nameWidth = 26;
const width = 18;

/** The rows as people read them: one table for each load and variant, each figure with its ratio to stock. */
export function formatTable(rows: readonly Row[]): string {
  const groups = Object.values(Object.groupBy(rows, titleOf)) as unknown as (readonly Row[])[];
  return groups.map((group) => formatGroup(group, rows)).join('\n\n');
}

function formatGroup(group: readonly Row[], all: readonly Row[]): string {
  const [first] = group;
  if (!first) return '';
  const head = ['(of stock)', ...figureNames.map((name) => titles[name])];
  const lines = group.map((row) => [
    row.peer,
    ...figureNames.map((name) => formatFigure(row[name], stockOf(row, all)?.[name])),
  ]);
  return [titleOf(first), ...[head, ...lines].map(formatLine)].join('\n');
}

const titleOf = (row: Row): string => `${row.load}: ${describeVariant(row)}`;

/** Stock never shares, so its row without sharing stands for both. */
const stockOf = ({ load, texts, identity }: Row, all: readonly Row[]): Row | undefined =>
  all.find(
    (row) => row.peer === 'stock' && row.load === load && row.texts === texts && row.identity === identity,
  );

/** @example formatFigure(1.04, 12.1) // '1.04 (0.086)' */
function formatFigure(value: number, stock: number | undefined): string {
  const ratio = stock === undefined ? '' : ` (${significant(value / stock, 2)})`;
  return significant(value, 3) + ratio;
}

const significant = (value: number, digits: number): string =>
  value >= 10 ** (digits - 1) ? String(Math.round(value)) : value.toPrecision(digits);

const formatLine = ([first = '', ...rest]: readonly string[]): string =>
  first.padEnd(nameWidth) + rest.map((cell) => cell.padStart(width)).join('');
