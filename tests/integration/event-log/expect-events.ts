import type { LoggedEvent } from '@tributary/event-log';
import { expect } from 'vitest';

/** The seqs of each partition, in the order in which they came. */
export function seqsOf(entries: readonly LoggedEvent[]): Record<string, number[]> {
  const seqs: Record<string, number[]> = {};
  for (const { position } of entries) (seqs[position.partition] ??= []).push(position.seq);
  return seqs;
}

/** Each partition in order, without a hole and without a repeat. */
export function expectDense(entries: readonly LoggedEvent[]): void {
  for (const seqs of Object.values(seqsOf(entries))) {
    expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
  }
}

/** The same events at the same places, each once and each partition in order, however the partitions came. */
export function expectSame(got: readonly LoggedEvent[], expected: readonly LoggedEvent[]): void {
  expectDense(got);
  expect(namesOf(got)).toEqual(namesOf(expected));
}

const namesOf = (entries: readonly LoggedEvent[]): string[] =>
  entries
    .map(({ position, event }) => `${position.partition}:${position.seq} ${event.id}`)
    .toSorted((one, other) => (one < other ? -1 : 1));
