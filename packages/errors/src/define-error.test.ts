import { expect, it } from 'vitest';

import { CodedError, defineError } from './define-error.ts';

const TitleTaken = defineError('CONFLICT', (title: string) => `A post with the title "${title}" exists`);
const Timeout = defineError('SUBGRAPH_TIMEOUT', (ms: number) => `${ms} ms`);

it('keeps an error of its kind when it is given details', () => {
  const cause = new Error('duplicate key');
  const error = new TitleTaken('Hello').with({ cause }).with({ extensions: { field: 'title' } });
  expect(error).toBeInstanceOf(TitleTaken);
  expect(error).toBeInstanceOf(CodedError);
  expect(error).not.toBeInstanceOf(Timeout);
  expect(error).toMatchObject({
    code: 'CONFLICT',
    message: 'A post with the title "Hello" exists',
    extensions: { code: 'CONFLICT', field: 'title' },
  });
  expect(new TitleTaken('Hello').with({ cause }).originalError).toBe(cause);
});
