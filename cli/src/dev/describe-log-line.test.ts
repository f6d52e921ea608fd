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
    ['Port 4002 is in use', 'Port 4002 is in use'],
    ['{ not json', '{ not json'],
    ['{"data":1}', '{"data":1}'],
  ])('shows of %s: %s', (line, shown) => {
    expect(describeLogLine(line)).toBe(shown);
  });
});
