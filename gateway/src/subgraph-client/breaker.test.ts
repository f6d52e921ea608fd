import { describe, expect, it } from 'vitest';

import { Breaker } from './breaker.ts';

const options = { failures: 3, windowMs: 1000, openMs: 100 };

/** A breaker that has opened at 12 ms, after failures at 10, 11 and 12 ms. */
const opened = () => {
  const breaker = new Breaker(options);
  for (const ms of [10, 11, 12]) breaker.fail({ sentAtMs: ms }, ms, false);
  return breaker;
};

describe('a breaker', () => {
  it('opens at so many failures in a row', () => {
    const breaker = new Breaker(options);
    const openings = [10, 11, 12].map((ms) => breaker.fail({ sentAtMs: ms }, ms, false));
    expect(openings).toEqual([false, false, true]);
    expect(breaker.isOpen).toBe(true);
  });

  it('stays closed when they take longer than the window', () => {
    const breaker = new Breaker(options);
    const openings = [0, 600, 1200, 1800].map((ms) => breaker.fail({ sentAtMs: ms }, ms, false));
    expect(openings).toEqual([false, false, false, false]);
  });

  it('takes what broke off at once for one failure, but each that timed out for itself', () => {
    const brokenOff = new Breaker(options);
    for (let index = 0; index < 50; index += 1) brokenOff.fail({ sentAtMs: 5 }, 10 + index / 10, false);
    expect(brokenOff.isOpen).toBe(false);
    const silent = new Breaker(options);
    for (let index = 0; index < 3; index += 1) silent.fail({ sentAtMs: 5 }, 10 + index / 10, true);
    expect(silent.isOpen).toBe(true);
  });

  it('lets nobody through while it is open, then one at a time', () => {
    const breaker = opened();
    expect(breaker.admits({ sentAtMs: 111 }, 111)).toBe(false);
    expect(breaker.waitMs(62)).toBe(50);
    const probe = { sentAtMs: 112 };
    expect(breaker.admits(probe, 112)).toBe(true);
    expect(breaker.admits({ sentAtMs: 113 }, 113)).toBe(false);
    // The probe has left without an answer: somebody else is it.
    breaker.release({ sentAtMs: 1 });
    expect(breaker.admits({ sentAtMs: 114 }, 114)).toBe(false);
    breaker.release(probe);
    expect(breaker.admits({ sentAtMs: 115 }, 115)).toBe(true);
  });

  it('stays open for as long again when the probe fails, and for no longer when others do', () => {
    const breaker = opened();
    const probe = { sentAtMs: 120 };
    breaker.admits(probe, 120);
    expect(breaker.fail(probe, 130, true)).toBe(false);
    breaker.fail({ sentAtMs: 5 }, 200, true);
    expect(breaker.admits({ sentAtMs: 229 }, 229)).toBe(false);
    expect(breaker.admits({ sentAtMs: 230 }, 230)).toBe(true);
  });

  it('is settled by an answer to what was asked after it opened, and not by an earlier one', () => {
    expect(opened().isSettledBy({ sentAtMs: 11 })).toBe(false);
    expect(opened().isSettledBy({ sentAtMs: 13 })).toBe(true);
    expect(new Breaker(options).isSettledBy({ sentAtMs: 0 })).toBe(true);
  });
});
