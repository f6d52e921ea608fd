import type { LoggedEvent } from '@tributary/event-log';
import { expect } from 'vitest';

/** The seqs of each partition, in the order in which they came. */
export function seqsOf(entries: readonly LoggedEvent[]): Record<string, number[]> {
  const seqs: Record<string, number[]> = {};
  for (const { position } of entries) (seqs[position.partition] ??= []).push(position.seq);
  return seqs;
}

/**
 * The same events at the same places, each once and each partition in order, however the partitions came. What is
 * wrong is listed, since the difference of two long lists takes a minute to make.
 */
export function expectSame(got: readonly LoggedEvent[], expected: readonly LoggedEvent[]): void {
  const [gotNames, expectedNames] = [new Set(got.map(nameOf)), new Set(expected.map(nameOf))];
  expect({
    missing: [...expectedNames.difference(gotNames)],
    unexpected: [...gotNames.difference(expectedNames)],
    outOfOrder: Object.entries(seqsOf(got)).flatMap(([partition, seqs]) => outOfOrder(partition, seqs)),
  }).toEqual({ missing: [], unexpected: [], outOfOrder: [] });
}

const nameOf = ({ position, event }: LoggedEvent): string =>
  `${position.partition}:${position.seq} ${event.id}`;

/** Wherever a seq is not the one after that before it: holes, repeats and steps back. */
const outOfOrder = (partition: string, seqs: readonly number[]): string[] =>
  seqs.flatMap((seq, index) => {
    const before = seqs[index - 1] ?? seq - 1;
    return seq === before + 1 ? [] : [`${partition}: ${seq} after ${before}`];
  });
