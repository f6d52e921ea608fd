import { expect, it } from 'vitest';

import { ErrorTracker } from './error-tracker.ts';

it('counts by code and path, list indexes left out, and keeps the last ten', () => {
  const tracker = new ErrorTracker();
  for (let index = 0; index < 12; index += 1) {
    tracker.track({ code: 'DATABASE_ERROR', message: `${index}`, path: ['posts', index, 'author'] });
  }
  const { total, counts, last } = tracker.summary();
  expect({ total, counts }).toEqual({ total: 12, counts: { 'DATABASE_ERROR:posts.author': 12 } });
  expect(last.map(({ message }) => message)).toEqual(['11', '10', '9', '8', '7', '6', '5', '4', '3', '2']);
});

it('stays bounded whatever paths clients invent', () => {
  const tracker = new ErrorTracker({ historySize: 3 });
  for (let index = 0; index < 10; index += 1)
    tracker.track({ code: 'NOT_FOUND', message: '', path: [`alias${index}`] });
  expect(tracker.summary().counts).toEqual({
    'NOT_FOUND:alias0': 1,
    'NOT_FOUND:alias1': 1,
    'NOT_FOUND:alias2': 1,
    'OTHER:': 7,
  });
});

it('alarms on errors of the system, never on those of users', () => {
  const tracker = new ErrorTracker();
  const window = { threshold: 1, windowMs: 60_000 };
  for (let index = 0; index < 5; index += 1) tracker.track({ code: 'FORBIDDEN', message: '' });
  expect(tracker.isAlarming(window)).toBe(false);
  for (let index = 0; index < 2; index += 1) tracker.track({ code: 'SUBGRAPH_TIMEOUT', message: '' });
  expect(tracker.isAlarming(window)).toBe(true);
  expect(tracker.isAlarming({ ...window, now: Date.now() + 120_000 })).toBe(false);
});
