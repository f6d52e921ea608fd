import { expect, it } from 'vitest';

import { createLineWriter } from './create-line-writer.ts';
import { createLogger, type LogLevel } from './create-logger.ts';
import { runInRequest } from './request-scope.ts';

const collect = (level: LogLevel = 'info') => {
  const lines: string[] = [];
  const destination = {
    write: (line: string) => void lines.push(line.replace(/"time":"[^"]+"/, '"time":"now"')),
  };
  return { lines, logger: createLogger({ name: 'gateway', level, destination }) };
};

it('writes the line that the logger would have written', () => {
  const { lines, logger } = collect();
  runInRequest({ requestId: 'request-1' }, () => {
    logger.info({ status: 200, client: { ip: '::1' } }, 'request');
    createLineWriter(logger, 'request')('"status":200,"client":{"ip":"::1"}');
  });
  const child = logger.child({ part: 'a' });
  child.info({ status: 200 }, 'late "one"');
  createLineWriter(child, 'late "one"')('"status":200');
  expect(lines).toHaveLength(4);
  expect(lines[1]).toBe(lines[0]);
  expect(lines[3]).toBe(lines[2]);
});

it('says when it was, to the millisecond', () => {
  const times: string[] = [];
  const write = (line: string) => void times.push((JSON.parse(line) as { time: string }).time);
  const line = createLineWriter(createLogger({ name: 'a', destination: { write } }), 'x');
  const before = Date.now();
  line('"a":1');
  expect(Date.parse(times[0] ?? '')).toBeGreaterThanOrEqual(before);
  expect(times[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

it('writes nothing where the level is higher', () => {
  const { lines, logger } = collect('warn');
  createLineWriter(logger, 'request')('"status":200');
  expect(lines).toEqual([]);
});
