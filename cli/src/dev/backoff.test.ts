import { describe, expect, it } from 'vitest';

import { createBackoff } from './backoff.ts';

describe('createBackoff', () => {
  it('doubles from a quarter of a second to ten seconds', () => {
    const nextWaitMs = createBackoff();
    expect(Array.from({ length: 8 }, () => nextWaitMs(0))).toEqual([
      250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000,
    ]);
  });

  it('begins again after half a minute of health', () => {
    const nextWaitMs = createBackoff();
    expect([nextWaitMs(0), nextWaitMs(29_999), nextWaitMs(30_000)]).toEqual([250, 500, 250]);
  });
});
