import { CodedError } from '@tributary/errors';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Login } from './repository.ts';
import { createSignInBrake, type SignInBrake } from './sign-in-brake.ts';

const ada: Login = { username: 'ada' };

/** An attempt that does not say otherwise has failed. */
const failTimes = (brake: SignInBrake, login: Login, times: number, userId?: string) => {
  for (let time = 1; time <= times; time += 1) {
    const attempt = brake.begin(login);
    if (userId !== undefined) attempt.countFor(userId);
  }
};

describe('createSignInBrake', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('refuses after ten failures and says when to come back', () => {
    const brake = createSignInBrake();
    failTimes(brake, ada, 9);
    vi.advanceTimersByTime(20_000);
    failTimes(brake, ada, 1);
    expect(() => brake.begin(ada)).toThrow(
      expect.objectContaining({
        code: 'RATE_LIMITED',
        message: 'Too many wrong passwords; try again in 40 seconds',
        extensions: expect.objectContaining({ retryAfter: 40, retryable: true }),
      }),
    );
  });

  it('lets go a minute after the first failure', () => {
    const brake = createSignInBrake();
    failTimes(brake, ada, 10);
    vi.advanceTimersByTime(59_000);
    expect(() => brake.begin(ada)).toThrow(CodedError);
    vi.advanceTimersByTime(1_100);
    expect(() => brake.begin(ada)).not.toThrow();
  });

  it('forgets failures after a success, those of the account too', () => {
    const brake = createSignInBrake({ maxFailures: 3 });
    failTimes(brake, ada, 2, '7');
    const attempt = brake.begin(ada);
    attempt.countFor('7');
    attempt.succeeded();
    expect(() => failTimes(brake, ada, 3, '7')).not.toThrow();
    expect(() => brake.begin(ada)).toThrow(CodedError);
  });

  it('counts each login alone, whatever its case', () => {
    const brake = createSignInBrake({ maxFailures: 2 });
    failTimes(brake, ada, 1);
    failTimes(brake, { username: 'ADA' }, 1);
    expect(() => brake.begin(ada)).toThrow(CodedError);
    expect(() => brake.begin({ username: 'bob' })).not.toThrow();
    expect(() => brake.begin({ email: 'ada' })).not.toThrow();
  });

  it('counts the name and the address of one account together', () => {
    const brake = createSignInBrake({ maxFailures: 4 });
    failTimes(brake, ada, 2, '7');
    failTimes(brake, { email: 'ada@example.org' }, 2, '7');
    expect(() => brake.begin({ email: 'ada@example.org' }).countFor('7')).toThrow(CodedError);
    expect(() => brake.begin(ada).countFor('8')).not.toThrow();
  });

  it('does not count what was given back', () => {
    const brake = createSignInBrake({ maxFailures: 1 });
    const attempt = brake.begin(ada);
    attempt.countFor('7');
    attempt.giveBack();
    expect(() => brake.begin(ada).countFor('7')).not.toThrow();
  });
});
