import type { Row } from './row.ts';

const nameWidth = 26;
const width = 11;

/** The rows as people read them: a line for each variant, CPU seconds for 1,000 requests by process. */
export function formatTable(rows: readonly Row[]): string {
  const processes = [...new Set(rows.map(({ process }) => process))];
  const totalOfStock = rows.find(({ variant, process }) => variant === 'stock' && process === 'total');
  const head = ['CPU s / 1,000 requests', ...processes, 'of stock', 'p50 ms', 'p99 ms', 'req/s', 'SQL'];
  const lines = [...Map.groupBy(rows, ({ variant }) => variant)].map(([variant, own]) => {
    const [first] = own;
    const total = own.find(({ process }) => process === 'total')?.cpuSecondsPer1k ?? 0;
    return [
      variant,
      ...processes.map((name) => show(own.find(({ process }) => process === name)?.cpuSecondsPer1k)),
      show(totalOfStock && total / totalOfStock.cpuSecondsPer1k),
      ...[first?.p50Ms, first?.p99Ms, first?.rps, first?.sqlPerRequest].map(show),
    ];
  });
  return [head, ...lines].map(formatLine).join('\n');
}

const show = (figure: number | undefined): string => (figure === undefined ? '' : figure.toPrecision(3));

const formatLine = ([first = '', ...rest]: readonly string[]): string =>
  first.padEnd(nameWidth) + rest.map((cell) => cell.padStart(width)).join('');
