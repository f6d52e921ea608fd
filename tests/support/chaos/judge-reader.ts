import type { LoggedEvent } from '@tributary/event-log';

import type { Reader } from './reader.ts';

/** What there was to be seen. */
export interface Truth {
  /** How far each thing was counted, by its id: each step is an event. */
  readonly counts: ReadonlyMap<string, number>;
  /** Which step of its thing an event is about, by its place in the log. */
  readonly steps: ReadonlyMap<string, number>;
}

export const stepsOf = (logged: readonly LoggedEvent[]): ReadonlyMap<string, number> =>
  new Map(
    logged.map(({ position, event }) => [`${position.partition}:${position.seq}`, Number(event.data?.['n'])]),
  );

/** What a reader has missed, seen twice or seen in another order than it happened in; empty for a happy one. */
export function judgeReader(
  { name, thing, shown, complaints }: Pick<Reader, 'name' | 'thing' | 'shown' | 'complaints'>,
  { counts, steps }: Truth,
): readonly string[] {
  const problems = complaints.map((complaint) => `${name} ${complaint}`);
  const followed = new Map(
    [...counts.keys()].flatMap((id) => (thing === undefined || thing === id ? [[id, 0]] : [])),
  );
  for (const { id, n, place } of shown) {
    const step = steps.get(place);
    const before = followed.get(id);
    if (step === undefined || before === undefined) problems.push(`${name} got ${id} at ${place}`);
    else {
      if (step !== before + 1) problems.push(`${name}: ${id} goes from ${before} to ${step}`);
      // It is shown as it was then or as it is now, and never as it was before.
      if (n < step) problems.push(`${name}: ${id} is still ${n} at ${step}`);
      followed.set(id, step);
    }
  }
  for (const [id, last] of followed) {
    if (last !== counts.get(id)) problems.push(`${name}: ${id} ends with ${last} of ${counts.get(id)}`);
  }
  return problems;
}
