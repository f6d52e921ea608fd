import { expect, it } from 'vitest';

import { SeenEvents } from './seen-events.ts';

it('counts each event once, whatever overtook it', () => {
  const seen = new SeenEvents(2);
  seen.begin(1, 10);
  expect([11, 14, 12, 12, 13, 14, 11].map((seq) => seen.add(1, seq))).toEqual([
    true,
    true,
    true,
    false,
    true,
    false,
    false,
  ]);
});

it('does not count what was published before it began', () => {
  const seen = new SeenEvents(1);
  seen.begin(0, 10);
  expect([10, 9, 1].map((seq) => seen.add(0, seq))).toEqual([false, false, false]);
});

it('knows nothing any more of what was far overtaken', () => {
  for (const ahead of [31, 32, 33]) {
    const seen = new SeenEvents(1);
    seen.begin(0, 0);
    expect(seen.add(0, ahead + 1)).toBe(true);
    expect(seen.add(0, 1)).toBe(ahead <= 32);
    expect(seen.add(0, ahead + 1)).toBe(false);
  }
});
