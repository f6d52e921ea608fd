import { expect, it } from 'vitest';

import { PlaceClock } from './place-clock.ts';

const at = (one: number, other = 0) =>
  new Map([
    ['posts.0', one],
    ['posts.1', other],
  ]);

it('is due when one partition has gone far, or any of them after a time', () => {
  let now = 0;
  const clock = new PlaceClock({ events: 100, ms: 1000 }, () => now);
  expect(clock.isDue(at(400, 400))).toBe(false);
  clock.begin(at(500, 500));
  clock.begin(at(501, 501));
  const answers = [at(500, 500), at(599, 599), at(600, 599), at(699, 698)].map((place) => clock.isDue(place));
  expect(answers).toEqual([false, false, true, false]);
  expect(clock.isDue(at(600, 699))).toBe(true);
  now = 1000;
  expect(clock.isDue(at(600, 699))).toBe(false);
  expect(clock.isDue(at(601, 699))).toBe(true);
  expect(clock.isDue(at(602, 699))).toBe(false);
});
