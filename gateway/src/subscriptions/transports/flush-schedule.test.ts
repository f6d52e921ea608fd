import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { FlushSchedule } from './flush-schedule.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('flushes what is new after a quiet moment at the end of the turn', () => {
  const schedule = new FlushSchedule(vi.fn<() => void>());
  const flush = vi.fn<() => void>();
  schedule.add({ flush });
  expect(flush).not.toHaveBeenCalled();
  vi.advanceTimersByTime(0);
  expect(flush).toHaveBeenCalledTimes(1);
});

it('lets what keeps coming wait for the next round, and for no longer than five milliseconds', () => {
  const schedule = new FlushSchedule(vi.fn<() => void>());
  schedule.add({ flush: () => undefined });
  vi.advanceTimersByTime(0);
  const flush = vi.fn<() => void>();
  schedule.add({ flush });
  vi.advanceTimersByTime(2);
  expect(flush).not.toHaveBeenCalled();
  vi.advanceTimersByTime(3);
  expect(flush).toHaveBeenCalledTimes(1);
});

it('lets others in between when a round takes long, and forgets nobody who comes meanwhile', () => {
  const schedule = new FlushSchedule(vi.fn<() => void>());
  const flushed: number[] = [];
  const slow = (index: number) => ({
    flush: () => {
      flushed.push(index);
      vi.setSystemTime(Date.now() + 1);
      vi.advanceTimersByTime(0);
    },
  });
  for (let index = 0; index < 1000; index += 1) schedule.add(slow(index));
  schedule.add({ flush: () => schedule.add(slow(1000)) });
  vi.advanceTimersByTime(2000);
  expect(flushed).toEqual(Array.from({ length: 1001 }, (_, index) => index));
});

it('goes on with the others when one throws', () => {
  const failures: unknown[] = [];
  const schedule = new FlushSchedule((error) => void failures.push(error));
  const flush = vi.fn<() => void>();
  schedule.add({
    flush: () => {
      throw new Error('Broken');
    },
  });
  schedule.add({ flush });
  vi.advanceTimersByTime(10);
  schedule.add({ flush });
  vi.advanceTimersByTime(10);
  expect(flush).toHaveBeenCalledTimes(2);
  expect(failures).toEqual([new Error('Broken')]);
});
