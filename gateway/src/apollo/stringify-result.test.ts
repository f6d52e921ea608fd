import { describe, expect, it, vi } from 'vitest';

import { readyData } from './ready-data.ts';
import { handOverResult, stringifyResult } from './stringify-result.ts';

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

describe('an answer that is handed over', () => {
  it('is the bytes of the engine where there is nothing else', () => {
    const body: unknown = handOverResult({ data: readyData(text) });
    expect(Buffer.isBuffer(body)).toBe(true);
    expect(String(body)).toBe(`{"data":${text}}\n`);
  });

  it('is a text where there is', () => {
    const result = () => ({ data: readyData(text), extensions: { cost: 1 } });
    expect(handOverResult(result())).toBe(stringifyResult(result()));
  });
});
