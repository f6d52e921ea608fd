import type { ComplexityRow, GatewayFigures } from './row.ts';

const columns: readonly (readonly [title: string, width: number])[] = [
  ['depth', 7],
  ['fields', 8],
  ['lists', 8],
  ['lengths', 18],
  ['bytes', 9],
  ['fetches', 9],
  ['tributary CPU s / 1,000', 25],
  ['p50 ms', 9],
  ['p99 ms', 9],
  ['stock CPU s / 1,000', 21],
  ['p50 ms', 9],
  ['p99 ms', 9],
  ['of stock', 10],
];

/** The rows as people read them, one line for each cell. */
export const formatTable = (rows: readonly ComplexityRow[]): string =>
  [columns.map(([title]) => title), ...rows.map(cellsOf)].map(formatLine).join('\n');

const cellsOf = (row: ComplexityRow): readonly string[] => [
  row.depth,
  row.fields,
  row.lists,
  row.lengths.join('·'),
  String(row.answerBytes),
  String(row.fetches),
  ...figuresOf(row.tributary),
  ...figuresOf(row.stock),
  row.ratio.toPrecision(2),
];

const figuresOf = ({ cpuSecondsPer1k, p50Ms, p99Ms }: GatewayFigures): readonly string[] =>
  [cpuSecondsPer1k, p50Ms, p99Ms].map((figure) => figure.toPrecision(3));

const formatLine = (cells: readonly string[]): string =>
  cells.map((cell, index) => cell.padStart(columns[index]?.[1] ?? 0)).join('');
