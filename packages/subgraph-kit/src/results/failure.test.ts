import { CodedError } from '@tributary/errors';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { conflict, invalidInput, isFailure, notAllowed, notFound, orThrow, parseInput } from './failure.ts';

describe('parseInput', () => {
  const schema = z.object({
    title: z.string().trim().min(1, 'must not be empty'),
    status: z.enum(['DRAFT', 'PUBLISHED']).optional(),
    tags: z.array(z.string().max(3, 'must have at most 3 characters')).default([]),
  });
  const fieldsOf = (input: unknown, rules: z.ZodType = schema) => {
    const parsed = parseInput(rules, input);
    return parsed.ok ? 'ok' : parsed.failure.fields.map(({ path, code }) => [path.join('.'), code]);
  };

  it('gives the value as the rules leave it', () => {
    expect(parseInput(schema, { title: ' A ' })).toEqual({ ok: true, value: { title: 'A', tags: [] } });
  });

  it.each([
    ['a value that breaks a rule', { title: '' }, [['title', 'INVALID_INPUT']]],
    ['a value of the wrong type', { title: 5 }, [['title', 'INVALID_INPUT']]],
    [
      'a value that is not one of those allowed',
      { title: 'A', status: 'GONE' },
      [['status', 'INVALID_INPUT']],
    ],
    ['an absent value', {}, [['title', 'MISSING_REQUIRED']]],
    ['null where a value must be', { title: null }, [['title', 'MISSING_REQUIRED']]],
    ['an item of a list', { title: 'A', tags: ['ok', 'long'] }, [['tags.1', 'INVALID_INPUT']]],
    [
      'everything that is wrong',
      { tags: ['long'] },
      [
        ['title', 'MISSING_REQUIRED'],
        ['tags.0', 'INVALID_INPUT'],
      ],
    ],
    ['no input at all', undefined, [['', 'MISSING_REQUIRED']]],
  ])('names %s', (_what, input, expected) => {
    expect(fieldsOf(input)).toEqual(expected);
  });

  it('takes an absent choice for missing, too', () => {
    expect(fieldsOf({}, z.object({ status: z.enum(['DRAFT']) }))).toEqual([['status', 'MISSING_REQUIRED']]);
  });

  it('lets a rule say that what it refuses is a reference', () => {
    const rules = z.object({
      postId: z.string().refine(() => false, { params: { code: 'INVALID_REFERENCE' } }),
    });
    expect(fieldsOf({ postId: 'x' }, rules)).toEqual([['postId', 'INVALID_REFERENCE']]);
  });

  it('tells all problems in one sentence; a rule between fields has no path', () => {
    const rules = z
      .object({ from: z.number(), to: z.number() })
      .refine(({ from, to }) => from < to, 'from must be before to');
    const parsed = parseInput(rules, { from: 2, to: 1 });
    expect(parsed).toMatchObject({ failure: { message: 'from must be before to' } });
    expect(parseInput(schema, { title: '', tags: ['long'] })).toMatchObject({
      failure: {
        __typename: 'InvalidInput',
        code: 'BAD_USER_INPUT',
        message: 'title: must not be empty; tags.0: must have at most 3 characters',
      },
    });
  });

  it('does not give away what was sent', () => {
    expect(
      JSON.stringify(parseInput(z.object({ password: z.string().min(99) }), { password: 'hunter2' })),
    ).not.toContain('hunter2');
  });
});

describe('a failure', () => {
  const fields = [{ path: ['title'], code: 'INVALID_INPUT', message: 'must not be empty' }] as const;

  it.each([
    [invalidInput(fields), 'BAD_USER_INPUT', { fields }],
    [notFound('There is no post 7'), 'NOT_FOUND', {}],
    [notAllowed('Only its author may'), 'FORBIDDEN', {}],
    [conflict('The name is taken'), 'CONFLICT', {}],
  ])('becomes a coded error where its field has no room for it: $__typename', (failure, code, extensions) => {
    expect(isFailure(failure)).toBe(true);
    expect(() => orThrow(failure)).toThrow(
      expect.objectContaining({ code, message: failure.message, extensions: { code, ...extensions } }),
    );
    expect(() => orThrow(failure)).toThrow(CodedError);
  });

  it.each([{ id: '1' }, { __typename: 'Post', id: '1' }])('is not what was asked for: %j', (value) => {
    expect(isFailure(value)).toBe(false);
    expect(orThrow(value)).toBe(value);
  });
});
