import { describe, expect, it, vi } from 'vitest';

import { readyData } from './ready-data.ts';
import { stringifyResult } from './stringify-result.ts';

const text = '{"me":{"name":"Ada"}}';

describe('an answer as text', () => {
  it('has the text of the data as it is', () => {
    const parse = vi.spyOn(JSON, 'parse');
    expect(stringifyResult({ data: readyData(text) })).toBe(`{"data":${text}}\n`);
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });

  it('keeps what stands beside the data, in its order', () => {
    const errors = [{ message: 'No "posts"' }];
    expect(stringifyResult({ errors, data: readyData(text), extensions: { cost: 1 } })).toBe(
      `{"errors":[{"message":"No \\"posts\\""}],"data":${text},"extensions":{"cost":1}}\n`,
    );
  });

  it('is what a plugin made of the data', () => {
    const data = readyData(text);
    data['me'] = null;
    expect(stringifyResult({ data })).toBe('{"data":{"me":null}}\n');
  });

  it.each([
    [{ data: null }, '{"data":null}\n'],
    [{ data: { me: null } }, '{"data":{"me":null}}\n'],
    [{ errors: [{ message: 'No' }] }, '{"errors":[{"message":"No"}]}\n'],
  ])('may be of somebody else: %j', (result, expected) => {
    expect(stringifyResult(result)).toBe(expected);
  });
});
