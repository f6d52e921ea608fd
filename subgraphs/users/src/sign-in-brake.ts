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
  const known = new LRUCache<string, Failures>({ max: 10_000 });
  const recentOf = (login: Login): Failures | undefined => {
    const failures = known.get(keyOf(login));
    return failures && failures.forgottenAt > Date.now() ? failures : undefined;
  };
  return {
    check: (login) => {
      const recent = recentOf(login);
      if (!recent || recent.count < maxFailures) return;
      const retryAfter = Math.ceil((recent.forgottenAt - Date.now()) / 1000);
      throw new TooManyFailures(retryAfter).with({ extensions: { retryAfter } });
    },
    failed: (login) => {
      const { count, forgottenAt } = recentOf(login) ?? { count: 0, forgottenAt: Date.now() + windowMs };
      known.set(keyOf(login), { count: count + 1, forgottenAt });
    },
    succeeded: (login) => void known.delete(keyOf(login)),
  };
}

interface Failures {
  readonly count: number;
  /** Milliseconds, as `Date.now()` gives them. */
  readonly forgottenAt: number;
}

const keyOf = (login: Login): string =>
  ('username' in login ? `username:${login.username}` : `email:${login.email}`).toLowerCase();
