import { ConfigError } from '@tributary/config';
import { describe, expect, it } from 'vitest';

import { describeStartFailure } from './describe-start-failure.ts';

const systemError = (message: string, details: object) => Object.assign(new Error(message), details);

describe('describeStartFailure', () => {
  it('names every wrong setting', () => {
    const error = new ConfigError(['DATABASE_URL is missing', 'PORT must be an integer, but got "x"']);
    expect(describeStartFailure('users', error)).toBe(
      'Settings of users are wrong: DATABASE_URL is missing; PORT must be an integer, but got "x"',
    );
  });

  it('says what to do about a busy port', () => {
    const error = systemError('listen EADDRINUSE', { code: 'EADDRINUSE', port: 4002 });
    expect(describeStartFailure('posts', error)).toBe(
      'Port 4002 is in use: stop what listens there or set PORT',
    );
  });

  it('says what to do about a port that only root may open', () => {
    const error = systemError('listen EACCES', { code: 'EACCES', port: 80 });
    expect(describeStartFailure('gateway', error)).toBe(
      'Port 80 may not be opened by this user: set PORT to one above 1023',
    );
  });

  it('puts any other message on one line', () => {
    expect(describeStartFailure('users', new Error('Migration 002 failed:\n  no such table\n'))).toBe(
      'users did not start: Migration 002 failed: no such table',
    );
  });

  it('finds the reasons inside an error that has no message of its own', () => {
    const refused = new AggregateError([new Error('connect ECONNREFUSED ::1:5432'), new Error('')]);
    expect(describeStartFailure('users', refused)).toBe(
      'users did not start: connect ECONNREFUSED ::1:5432, Error',
    );
  });

  it('copes with something thrown that is no error', () => {
    expect(describeStartFailure('users', 'boom')).toBe(
      'users did not start: Expected an Error to be thrown, but got "boom"',
    );
  });
});
