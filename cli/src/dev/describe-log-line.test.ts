import { describe, expect, it } from 'vitest';

import { describeLogLine } from './describe-log-line.ts';

describe('describeLogLine', () => {
  it.each([
    ['{"level":"info","msg":"asked"}', undefined],
    ['{"level":"debug","msg":"x"}', undefined],
    ['', undefined],
    ['{"level":"warn","msg":"slow"}', 'warn: slow'],
    ['{"level":"error","msg":"failed","err":{"message":"no\\n table"}}', 'error: failed: no table'],
    [
      '{"level":"fatal","msg":"uncaughtException: boom","err":{"message":"boom"}}',
      'fatal: uncaughtException: boom',
    ],
    [
      '{"level":"warn","event":"graphql_error","code":"RATE_LIMITED","path":["signIn",0],"reason":"try later","msg":"operation failed"}',
      'warn: operation failed: try later (RATE_LIMITED at signIn.0)',
    ],
    [
      '{"level":"error","code":"INTERNAL_SERVER_ERROR","err":{"message":"boom"},"msg":"operation failed"}',
      'error: operation failed: boom (INTERNAL_SERVER_ERROR)',
    ],
    ['Port 4002 is in use', 'Port 4002 is in use'],
    ['{ not json', '{ not json'],
    ['{"data":1}', '{"data":1}'],
  ])('shows of %s: %s', (line, shown) => {
    expect(describeLogLine(line)).toBe(shown);
  });
});
