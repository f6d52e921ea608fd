import { describe, expect, it } from 'vitest';

import { DatabaseUnavailable, violatedConstraint } from './database-errors.ts';

/** An error in the form of postgres.js, which keeps what PostgreSQL said as fields. */
const databaseError = (code: string, fields: object = {}) =>
  Object.assign(new Error(`PostgreSQL said ${code}`), { name: 'PostgresError', code, ...fields });

describe('a database that cannot do its work now', () => {
  it.each([
    ['ECONNREFUSED', 'nobody listens'],
    ['CONNECT_TIMEOUT', 'nobody answered in time'],
    ['CONNECTION_CLOSED', 'the connection broke while a statement ran'],
    ['CONNECTION_ENDED', 'the pool is closed'],
    ['ENOTFOUND', 'the host has no address'],
    ['57014', 'the statement took too long'],
    ['57P01', 'the server is shutting down'],
    ['57P03', 'the server is starting'],
    ['53300', 'it has too many connections'],
    ['08006', 'the connection failed'],
    ['40P01', 'the transaction was the victim of a deadlock'],
    ['55P03', 'a lock was not to be had in time'],
    ['58030', 'its disk failed'],
  ])('says %s: %s', (code) => {
    expect(DatabaseUnavailable.isCause(databaseError(code))).toBe(true);
  });

  it('refuses on each address of its name', () => {
    const refused = Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' });
    expect(DatabaseUnavailable.isCause(refused)).toBe(true);
  });

  it('has no socket file', () => {
    expect(DatabaseUnavailable.isCause(databaseError('ENOENT', { syscall: 'connect' }))).toBe(true);
  });
});

it.each([
  ['a statement that is wrong', databaseError('42601')],
  ['a violated constraint', databaseError('23505')],
  ['an object that is not ready', databaseError('55000')],
  ['a table that is not there', databaseError('42P01')],
  ['a file that is not there', databaseError('ENOENT', { syscall: 'open' })],
  ['a code of another house', databaseError('ERR_INVALID_ARG_TYPE')],
  ['an error without a code', new Error('ECONNREFUSED')],
  ['a code that is no text', Object.assign(new Error('x'), { code: 57014 })],
  ['what is no error', 'ECONNREFUSED'],
])('does not blame the database for %s', (_what, error) => {
  expect(DatabaseUnavailable.isCause(error)).toBe(false);
});

it('tells a client to try again and nothing of the inside', () => {
  const cause = databaseError('ECONNREFUSED', { address: '10.0.0.7' });
  const error = DatabaseUnavailable.from(cause, { loader: 'postById' });
  expect(error.toJSON()).toEqual({
    message: 'The database did not answer as expected; try again',
    extensions: { code: 'DATABASE_ERROR', retryable: true, loader: 'postById' },
  });
  expect(error.originalError).toBe(cause);
});

describe('violatedConstraint', () => {
  it('names the constraint', () => {
    const taken = databaseError('23505', { constraint_name: 'users_by_email' });
    expect(violatedConstraint(taken)).toBe('users_by_email');
  });

  it.each([
    ['a statement that failed for another reason', databaseError('42601', { constraint_name: 'x' })],
    ['a constraint without a name', databaseError('23502')],
    ['what is no error', undefined],
  ])('knows none for %s', (_what, error) => {
    expect(violatedConstraint(error)).toBeUndefined();
  });
});
