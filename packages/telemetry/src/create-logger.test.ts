import { describe, expect, it } from 'vitest';

import { createLogger } from './create-logger.ts';
import { runInRequest } from './request-scope.ts';

const collect = () => {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  return { lines, logger: createLogger({ name: 'posts', level: 'debug', destination: { write } }) };
};

describe('createLogger', () => {
  it('writes one JSON object per line, with a level in words and an ISO time', () => {
    const { lines, logger } = collect();
    logger.info({ subgraph: 'users' }, 'asked');
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        name: 'posts',
        subgraph: 'users',
        msg: 'asked',
      },
    ]);
  });

  it('says which request a line belongs to, however late it is written', async () => {
    const { lines, logger } = collect();
    await runInRequest({ requestId: 'request-1' }, async () => {
      await Promise.resolve();
      logger.info('inside');
    });
    logger.info('outside');
    expect(lines.map(({ requestId }) => requestId)).toEqual(['request-1', undefined]);
  });

  it('never writes secrets, whether logged, bound to a child or hanging on an error', () => {
    const { lines, logger } = collect();
    const secret = 'hunter2';
    logger.info({ password: secret, headers: { Authorization: secret, 'Set-Cookie': [secret] } }, 'a');
    logger.info({ req: { headers: { 'tributary-identity': secret } } }, 'b');
    logger.child({ access_token: secret }).info('c');
    logger.error({ err: Object.assign(new Error('failed'), { config: { token: secret } }) }, 'd');
    expect(lines).toHaveLength(4);
    expect(JSON.stringify(lines)).not.toContain(secret);
    expect(JSON.stringify(lines).match(/\[redacted\]/g)).toHaveLength(6);
  });

  it('keeps the message, the stack and the cause of an error', () => {
    const { lines, logger } = collect();
    logger.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed');
    expect(lines[0]).toMatchObject({ err: { type: 'Error', message: 'outer: inner' } });
    expect(JSON.stringify(lines[0])).toContain('create-logger.test.ts');
  });

  it('writes nothing when silent', () => {
    const lines: string[] = [];
    createLogger({
      name: 'a',
      level: 'silent',
      destination: { write: (line) => void lines.push(line) },
    }).fatal('gone');
    expect(lines).toEqual([]);
  });
});
