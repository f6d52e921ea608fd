import { CodedError } from '@tributary/errors';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Login } from './repository.ts';
import { createSignInBrake, type SignInBrake } from './sign-in-brake.ts';

const ada: Login = { username: 'ada' };

const failTimes = (brake: SignInBrake, login: Login, times: number) => {
  for (let time = 1; time <= times; time += 1) brake.failed(login);
};

describe('createSignInBrake', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('refuses after ten failures and says when to come back', () => {
    const brake = createSignInBrake();
    failTimes(brake, ada, 9);
    expect(() => brake.check(ada)).not.toThrow();
    vi.advanceTimersByTime(20_000);
    brake.failed(ada);
    expect(() => brake.check(ada)).toThrow(
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
    expect(() => brake.check(ada)).toThrow(CodedError);
    vi.advanceTimersByTime(1_100);
    expect(() => brake.check(ada)).not.toThrow();
  });

  it('forgets failures after a success', () => {
    const brake = createSignInBrake({ maxFailures: 2 });
    brake.failed(ada);
    brake.succeeded(ada);
    brake.failed(ada);
    expect(() => brake.check(ada)).not.toThrow();
  });

  it('counts each login alone, whatever its case', () => {
    const brake = createSignInBrake({ maxFailures: 2 });
    brake.failed(ada);
    brake.failed({ username: 'ADA' });
    expect(() => brake.check(ada)).toThrow(CodedError);
    expect(() => brake.check({ username: 'bob' })).not.toThrow();
    expect(() => brake.check({ email: 'ada' })).not.toThrow();
  });
});
