import { CodedError } from '@tributary/errors';
import type { GraphQLResolveInfo } from 'graphql';
import { expect, it, vi } from 'vitest';

import { DatabaseUnavailable } from '../database/database-errors.ts';
import { withFallback } from './with-fallback.ts';

const info = { fieldName: 'related' } as GraphQLResolveInfo;

function relatedPosts(resolve: () => string[] | Promise<string[]>) {
  const onFallback = vi.fn();
  const resolver = withFallback({ valueOf: () => [], onFallback }, resolve);
  return { onFallback, answer: Promise.try(() => resolver({}, {}, {}, info)) };
}

it('gives the value when there is one', async () => {
  const { answer, onFallback } = relatedPosts(() => ['a']);
  expect(await answer).toEqual(['a']);
  expect(onFallback).not.toHaveBeenCalled();
});

it('gives the fallback, and says so, while the database is down', async () => {
  const error = DatabaseUnavailable.from(new Error('down'));
  const { answer, onFallback } = relatedPosts(() => Promise.reject(error));
  expect(await answer).toEqual([]);
  expect(onFallback).toHaveBeenCalledExactlyOnceWith(error, info);
});

it.each([
  ['what the caller did wrong', new CodedError('BAD_USER_INPUT', 'no')],
  ['what the caller may not', new CodedError('FORBIDDEN', 'no')],
  ['a mistake of ours', new TypeError('undefined is not a function')],
])('covers up nothing of %s', async (_what, error) => {
  const { answer, onFallback } = relatedPosts(() => Promise.reject(error));
  await expect(answer).rejects.toBe(error);
  expect(onFallback).not.toHaveBeenCalled();
});
