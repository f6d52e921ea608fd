import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';

import { defineError } from './define-error.ts';
import { classifyError, maskError, rootCause, toError } from './mask-error.ts';

const TitleTaken = defineError('CONFLICT', (title: string) => `A post with the title "${title}" exists`);

const located = (error: Error) =>
  new GraphQLError(error.message, { originalError: error, path: ['posts', 0] });

describe('maskError', () => {
  it('shows an expected error whole, with its code', () => {
    const error = located(new TitleTaken('Hello'));
    expect(maskError(error.toJSON(), error)).toEqual({
      message: 'A post with the title "Hello" exists',
      path: ['posts', 0],
      extensions: { code: 'CONFLICT' },
    });
  });

  it('keeps metadata for clients and never the cause', () => {
    const error = new TitleTaken('Hello').with({
      cause: new Error('duplicate key'),
      extensions: { retryAfter: 5 },
    });
    expect(JSON.stringify(maskError(error.toJSON(), error))).not.toContain('duplicate key');
    expect(maskError(error.toJSON(), error).extensions).toEqual({ code: 'CONFLICT', retryAfter: 5 });
  });

  it('hides everything of an unexpected error but its place', () => {
    const error = located(new Error('select * from users where password = …'));
    expect(maskError(error.toJSON(), error)).toEqual({
      message: 'Internal server error',
      path: ['posts', 0],
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    });
  });

  it('hides an error whose code the table does not know', () => {
    const error = new GraphQLError('db01.internal refused', { extensions: { code: 'ECONNREFUSED' } });
    expect(maskError(error.toJSON(), error).message).toBe('Internal server error');
  });

  it('shows the inside in development', () => {
    const error = located(new Error('boom'));
    const { extensions } = maskError(error.toJSON(), error, { isDevelopment: true });
    expect(extensions).toMatchObject({ debug: { message: 'boom' } });
  });

  it('removes a stack trace that somebody else put there', () => {
    const error = new TitleTaken('x');
    const formatted = { message: 'x', extensions: { code: 'CONFLICT', stacktrace: ['at secret.ts'] } };
    expect(maskError(formatted, error).extensions).toEqual({ code: 'CONFLICT' });
  });
});

it('marks errors that are worth a retry', () => {
  const Timeout = defineError('SUBGRAPH_TIMEOUT', (ms: number) => `${ms} ms`);
  expect(new Timeout(800).extensions).toEqual({ code: 'SUBGRAPH_TIMEOUT', retryable: true });
});

it('finds the error beneath what graphql-js wrapped around it', () => {
  const inner = new Error('inner');
  expect(rootCause(located(located(inner)))).toBe(inner);
  expect(classifyError(located(inner)).isExpected).toBe(false);
});

it('makes an Error of whatever was thrown', () => {
  expect(toError('no').message).toBe('Expected an Error to be thrown, but got "no"');
  expect(toError(undefined).message).toBe('Expected an Error to be thrown, but got undefined');
});
