import { expect, it } from 'vitest';

import { readParams, readResume } from './read-params.ts';

const query = '{ a }';

it('takes what GraphQL over any transport has', () => {
  expect(readParams({ query, operationName: null, variables: { a: 1 } })).toEqual({
    query,
    operationName: null,
    variables: { a: 1 },
    extensions: {},
  });
});

it.each([
  [undefined, 'the operation'],
  [[], 'the operation'],
  ['{ a }', 'the operation'],
  [{}, '"query"'],
  [{ query: 1 }, '"query"'],
  [{ query, operationName: 1 }, '"operationName"'],
  [{ query, variables: [] }, '"variables"'],
  [{ query, extensions: 'x' }, '"extensions"'],
])('refuses anything else: %j', (params, what) => {
  expect(() => readParams(params)).toThrow(
    expect.objectContaining({ code: 'BAD_REQUEST', message: expect.stringContaining(what) }),
  );
});

it('reads where a client goes on', () => {
  const resumeOf = (extensions: Record<string, unknown>) => readResume({ extensions });
  expect(resumeOf({})).toBeUndefined();
  expect(resumeOf({ resume: null })).toBeUndefined();
  expect(resumeOf({ resume: {} })).toEqual({ after: undefined });
  expect(resumeOf({ resume: { after: null } })).toEqual({ after: undefined });
  expect(resumeOf({ resume: { after: 'c' } })).toEqual({ after: 'c' });
  for (const resume of [{ after: 1 }, 1, []])
    expect(() => resumeOf({ resume })).toThrow('extensions.resume.after');
});
