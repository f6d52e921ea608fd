import { CodedError } from '@tributary/errors';
import { createLogger } from '@tributary/telemetry';
import type { GraphQLResolveInfo } from 'graphql';
import { expect, it } from 'vitest';

import { compose } from '../guards/compose.ts';
import { logged } from './logged.ts';

const info = { parentType: { name: 'Query' }, fieldName: 'post' } as GraphQLResolveInfo;

/** Calls a logged resolver; gives the lines that it wrote. */
async function linesOf(resolve: () => unknown, args: object = {}): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as never) };
  const logger = createLogger({ name: 'posts', level: 'debug', destination });
  await Promise.try(() => compose(logged(logger))(resolve)({}, args, {}, info)).catch(() => {});
  return lines;
}

it('writes the field, its arguments and how long it took', async () => {
  expect(await linesOf(() => 'value', { id: '1', password: 'hunter2' })).toMatchObject([
    {
      level: 'debug',
      field: 'Query.post',
      args: { id: '1', password: '[redacted]' },
      durationMs: expect.any(Number) as number,
      msg: 'field resolved',
    },
  ]);
});

it.each([
  ['an expected failure', new CodedError('NOT_FOUND', 'gone'), 'NOT_FOUND'],
  ['an unexpected one', new Error('boom'), 'INTERNAL_SERVER_ERROR'],
])('writes the code of %s', async (_what, error, code) => {
  expect(await linesOf(() => Promise.reject(error))).toMatchObject([
    { field: 'Query.post', code, msg: 'field failed', err: { message: error.message } },
  ]);
});

it('throws on what the resolver threw', async () => {
  const error = new Error('boom');
  const logger = createLogger({ name: 'posts', level: 'silent' });
  await expect(logged(logger)(() => Promise.reject(error))({}, {}, {}, info)).rejects.toBe(error);
});
