import { CodedError, errorKind } from '@tributary/errors';
import { createLogger, createMetrics, runInRequest } from '@tributary/telemetry';
import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';

import { DatabaseUnavailable } from '../database/database-errors.ts';
import { createErrorReporter } from './error-reporter.ts';

function startReporter() {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as never) };
  const metrics = createMetrics({ service: 'posts', withProcess: false });
  const logger = createLogger({ name: 'posts', level: 'debug', destination });
  const reporter = createErrorReporter('posts', logger, metrics);
  const counts = async () =>
    (await metrics.text()).split('\n').filter((row) => row.startsWith('tributary_errors_total'));
  return { ...reporter, lines, counts };
}

const located = (error: Error, ...path: (string | number)[]) =>
  new GraphQLError(error.message, { originalError: error, path });

describe('an error is as loud as its code', () => {
  it.each([
    [new CodedError('BAD_USER_INPUT', 'no'), 'info', { code: 'BAD_USER_INPUT' }],
    [new CodedError('FORBIDDEN', 'no'), 'warn', { reason: 'no' }],
    [DatabaseUnavailable.from(new Error('refused')), 'error', { err: { message: 'refused' } }],
    [
      new Error('boom'),
      'fatal',
      { err: { message: 'boom', stack: expect.stringContaining('error-reporter.test') as string } },
    ],
  ])('%s: %s', (error, level, details) => {
    const { report, lines } = startReporter();
    report(located(error, 'posts', 0, 'title'));
    expect(lines).toMatchObject([{ level, path: ['posts', 0, 'title'], event: 'graphql_error', ...details }]);
  });
});

it('is counted by its code and remembered by its place', async () => {
  const { report, tracker, counts } = startReporter();
  runInRequest({ requestId: 'request-1' }, () => {
    report(located(new Error('a'), 'posts', 0), located(new CodedError('NOT_FOUND', 'b'), 'posts', 1));
  });
  expect(await counts()).toEqual([
    'tributary_errors_total{subgraph="posts",code="INTERNAL_SERVER_ERROR",class="bug"} 1',
    'tributary_errors_total{subgraph="posts",code="NOT_FOUND",class="user"} 1',
  ]);
  expect(tracker.summary()).toMatchObject({
    total: 2,
    counts: { 'INTERNAL_SERVER_ERROR:posts': 1, 'NOT_FOUND:posts': 1 },
    last: [{ message: errorKind('NOT_FOUND').meaning, requestId: 'request-1' }, { message: 'a' }],
  });
});

it('with many places and one cause is one line', async () => {
  const { report, lines, counts } = startReporter();
  const cause = new Error('down');
  report(
    ...Array.from({ length: 100 }, (_, index) => located(cause, 'posts', index)),
    located(new Error('other'), 'x'),
  );
  expect(lines).toMatchObject([{ fields: 100, err: { message: 'down' } }, { err: { message: 'other' } }]);
  expect(await counts()).toEqual([
    'tributary_errors_total{subgraph="posts",code="INTERNAL_SERVER_ERROR",class="bug"} 101',
  ]);
});
