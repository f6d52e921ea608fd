import type { Row } from './row.ts';

const width = 11;

/** The rows as people read them. */
export const formatTable = (rows: readonly Row[]): string =>
  [
    ['log', 'transport', 'events', 'p50 ms', 'p99 ms', 'lost'],
    ...rows.map(({ log, transport, events, p50Ms, p99Ms, lost }) => [
      log,
      transport,
      events,
      p50Ms,
      p99Ms,
      lost,
    ]),
  ]
    .map((cells) =>
      cells
        .map((cell) => String(cell).padEnd(width))
        .join('')
        .trimEnd(),
    )
    .join('\n');
