import { expect, it } from 'vitest';

import { MessageBudget } from './message-budget.ts';
import { createLocalQuota } from './quota.ts';

it('gives each holder as many as it may have, and keeps nothing of those who have none', () => {
  const quota = createLocalQuota();
  const claim = { holder: 'user:u1', limit: 2 };
  const releases = [quota.take(claim), quota.take(claim)] as (() => void)[];
  expect(quota.take(claim)).toBeUndefined();
  expect(quota.take({ holder: 'user:u2', limit: 2 })).toBeDefined();
  releases[0]?.();
  releases[0]?.();
  expect(quota.held('user:u1')).toBe(1);
  releases[1]?.();
  expect([quota.held('user:u1'), quota.size]).toEqual([0, 1]);
});

it('lets a client send at once what it may send in five seconds, then no faster than that', () => {
  const budget = new MessageBudget(10, 0);
  const taken = (now: number, times: number) =>
    Array.from({ length: times }, () => budget.take(now)).filter(Boolean).length;
  expect(taken(0, 60)).toBe(50);
  // What was refused is owed.
  expect(taken(1000, 1)).toBe(0);
  expect(taken(10_000, 60)).toBe(50);
});

it('counts a long message once for each 16 KiB that it has begun', () => {
  const budget = new MessageBudget(2, 0);
  expect(budget.take(0, 16_383)).toBe(true);
  expect(budget.take(0, 131_071)).toBe(true);
  expect([budget.take(0, 16_384), budget.take(1000, 0)]).toEqual([false, true]);
});
