import { defineError } from '@tributary/errors';
import { LRUCache } from 'lru-cache';

import type { Login } from './repository.ts';

/** Slows down whoever tries one password after the other, or many at once. */
export interface SignInBrake {
  /**
   * Counts an attempt before anything is awaited, so that attempts which come together count as well.
   *
   * @throws {CodedError} RATE_LIMITED when too many have failed lately or are under way; `retryAfter` is in seconds
   */
  begin(login: Login): SignInAttempt;
}

/** An attempt that counts as a failure until it says otherwise. */
export interface SignInAttempt {
  /**
   * Counts it for the account as well: its name and its address share one count that way.
   *
   * @throws {CodedError} RATE_LIMITED like {@link SignInBrake.begin}
   */
  countFor(userId: string): void;
  /** Forgets the failures before it too. */
  succeeded(): void;
  /** For an attempt at which no password was verified: it never was. */
  giveBack(): void;
}

export interface SignInBrakeOptions {
  /** Failures, and attempts under way, until the brake is on. @default 10 */
  readonly maxFailures?: number;
  /** From the first failure until all are forgotten. @default 60 000 */
  readonly windowMs?: number;
}

const TooManyFailures = defineError(
  'RATE_LIMITED',
  (seconds: number) => `Too many wrong passwords; try again in ${seconds} seconds`,
);

/**
 * Makes a brake for one process. It counts per login, whether or not there is such a member, so that a name alone
 * tells nothing about who is one; and per account, or whoever knows both name and address could try twice as often.
 * What one login has under way is bounded by the same number, so it cannot fill the queue of passwords for everybody.
 * The window is short because the owner has to wait as well; limits per network address belong to the gateway, which
 * sees those.
 */
export function createSignInBrake({
  maxFailures = 10,
  windowMs = 60_000,
}: SignInBrakeOptions = {}): SignInBrake {
  const known = new LRUCache<string, Attempts>({ max: 10_000 });

  const count = (key: string): Attempts => {
    const recent = recentOf(known.get(key)) ?? { count: 0, forgottenAt: Date.now() + windowMs };
    if (recent.count >= maxFailures) throw tooManyFailures(recent);
    recent.count += 1;
    known.set(key, recent);
    return recent;
  };

  return {
    begin: (login) => {
      const counted = new Map([[keyOf(login), count(keyOf(login))]]);
      return {
        countFor: (userId) => void counted.set(`account:${userId}`, count(`account:${userId}`)),
        succeeded: () => {
          for (const key of counted.keys()) known.delete(key);
        },
        giveBack: () => {
          for (const attempts of counted.values()) attempts.count -= 1;
        },
      };
    },
  };
}

interface Attempts {
  count: number;
  /** Milliseconds, as `Date.now()` gives them. */
  readonly forgottenAt: number;
}

const recentOf = (attempts: Attempts | undefined): Attempts | undefined =>
  attempts && attempts.forgottenAt > Date.now() ? attempts : undefined;

function tooManyFailures({ forgottenAt }: Attempts): Error {
  const retryAfter = Math.ceil((forgottenAt - Date.now()) / 1000);
  return new TooManyFailures(retryAfter).with({ extensions: { retryAfter } });
}

const keyOf = (login: Login): string =>
  ('username' in login ? `username:${login.username}` : `email:${login.email}`).toLowerCase();
