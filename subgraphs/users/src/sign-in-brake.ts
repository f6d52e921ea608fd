import { defineError } from '@tributary/errors';
import { LRUCache } from 'lru-cache';

import type { Login } from './repository.ts';

/** Slows down whoever tries one password after the other. */
export interface SignInBrake {
  /** @throws {CodedError} RATE_LIMITED when too many attempts have failed lately; `retryAfter` is in seconds */
  check(login: Login): void;
  failed(login: Login): void;
  succeeded(login: Login): void;
}

export interface SignInBrakeOptions {
  /** Failures until the brake is on. @default 10 */
  readonly maxFailures?: number;
  /** From the first failure until all are forgotten. @default 60 000 */
  readonly windowMs?: number;
}

const TooManyFailures = defineError(
  'RATE_LIMITED',
  (seconds: number) => `Too many wrong passwords; try again in ${seconds} seconds`,
);

/**
 * Makes a brake for one process. It counts per login, whether or not there is such a member, so that it tells
 * nothing about who is one. The window is short because the owner has to wait as well; limits per address belong to
 * the gateway, which sees addresses.
 */
export function createSignInBrake({
  maxFailures = 10,
  windowMs = 60_000,
}: SignInBrakeOptions = {}): SignInBrake {
  const failures = new LRUCache<string, number>({ max: 10_000, ttl: windowMs, noUpdateTTL: true });
  return {
    check: (login) => {
      const key = keyOf(login);
      if ((failures.get(key) ?? 0) < maxFailures) return;
      const retryAfter = Math.ceil(failures.getRemainingTTL(key) / 1000);
      throw new TooManyFailures(retryAfter).with({ extensions: { retryAfter } });
    },
    failed: (login) => void failures.set(keyOf(login), (failures.get(keyOf(login)) ?? 0) + 1),
    succeeded: (login) => void failures.delete(keyOf(login)),
  };
}

const keyOf = (login: Login): string =>
  ('username' in login ? `username:${login.username}` : `email:${login.email}`).toLowerCase();
