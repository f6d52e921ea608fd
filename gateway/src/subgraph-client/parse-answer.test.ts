import { describe, expect, it } from 'vitest';

import { parseAnswer } from './parse-answer.ts';

const parse = (answer: unknown) => parseAnswer('a', 200, JSON.stringify(answer));
const notAnAnswer = 'Subgraph "a" answered with status 200 and neither data nor errors';

describe('parseAnswer', () => {
  it('takes data, errors, or both', () => {
    const error = { message: 'no', path: ['a', 0], extensions: { code: 'NOT_FOUND' } };
    expect(parse({ data: { a: 1 } })).toEqual({ data: { a: 1 } });
    expect(parse({ data: null, errors: [error] })).toEqual({ data: null, errors: [error] });
    expect(parse({ errors: [error] })).toEqual({ data: null, errors: [error] });
    expect(parse({ data: {}, errors: [error] })).toEqual({ data: {}, errors: [error] });
    expect(parse({ data: {}, errors: [], extensions: { a: 1 } })).toEqual({ data: {}, extensions: { a: 1 } });
    expect(parse({ data: {}, errors: null })).toEqual({ data: {} });
  });

  it.each([
    [[]],
    [1],
    ['text'],
    [null],
    [{}],
    [{ data: null }],
    [{ data: null, errors: [] }],
    [{ data: [] }],
    [{ data: 'text', errors: [{ message: 'no' }] }],
    [{ data: {}, errors: {} }],
    [{ data: {}, errors: 'no' }],
    [{ data: {}, errors: ['no'] }],
    [{ data: {}, errors: [null] }],
    [{ data: {}, errors: [{}] }],
    [{ data: {}, errors: [{ message: 1 }] }],
  ])('takes %j for no answer', (answer) => {
    expect(() => parse(answer)).toThrow(notAnAnswer);
  });

  it('takes what is not JSON for no answer', () => {
    for (const text of ['', '<html>', '{"data":{', '{"data":{}}{}']) {
      expect(() => parseAnswer('a', 200, text)).toThrow(
        'Subgraph "a" answered with something that is not JSON',
      );
    }
  });

  it('leaves out what hangs on an answer in a wrong shape', () => {
    const wrong = { message: 'no', path: 'a.b', locations: 7, extensions: null };
    expect(parse({ data: {}, errors: [wrong], extensions: 'none' })).toEqual({
      data: {},
      errors: [{ message: 'no' }],
    });
    expect(parse({ errors: [{ message: 'no', path: ['a', 1.5] }] }).errors).toEqual([{ message: 'no' }]);
  });

  it('reads no more than a thousand errors', () => {
    const errors = Array.from({ length: 2000 }, () => ({ message: 'no' }));
    expect(parse({ errors }).errors).toHaveLength(1000);
  });
});
