import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';

import { ErrorTracker } from '@tributary/errors';
import { describe, expect, it } from 'vitest';

import type { DeferredAnswer, DeferredPart } from '../engine/engine.ts';
import { ErrorReport } from './error-report.ts';
import { createPayloads } from './incremental-payloads.ts';
import { writeInParts } from './write-in-parts.ts';

/** A connection whose client takes a few bytes at a time. */
class SlowResponse extends PassThrough {
  constructor(highWaterMark: number) {
    super({ highWaterMark });
  }
  appendHeader(): void {}
  writeHead(): void {}
}

function setUp({ highWaterMark = 65_536 } = {}) {
  const parts: readonly DeferredPart[] = [
    { path: ['a'], label: 'one' },
    { path: ['a'], label: 'two' },
  ];
  const stream = new SlowResponse(highWaterMark);
  const controller = new AbortController();
  const logged: unknown[] = [];
  const options = {
    isDevelopment: false,
    logErrors: (errors: readonly unknown[]) => void logged.push(...errors),
    errorTracker: new ErrorTracker(),
  };
  const payloads = createPayloads('deferSpec=20220824', { deferred: parts, extensions: () => undefined });
  const report = new ErrorReport('r', options);
  const destination = {
    response: stream as unknown as ServerResponse,
    headers: {},
    signal: controller.signal,
  };
  const write = (later: AsyncIterableIterator<readonly DeferredAnswer[]>) =>
    writeInParts({ later, first: ['"data":{"a":{}}'], payloads, report }, destination);
  const textOf = async () => (await stream.toArray()).join('');
  const answer = (index: 0 | 1): DeferredAnswer => ({
    part: parts[index] as DeferredPart,
    data: `{"value":"${'x'.repeat(50)}"}`,
    errors: [],
    deferred: [],
  });
  return { stream, write, textOf, answer, controller, logged, report };
}

describe('an answer in parts', () => {
  it('asks for more when the client has taken what there is', async () => {
    const { stream, write, answer } = setUp({ highWaterMark: 10 });
    const asked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let count = 0;
    async function* later() {
      for (const index of [0, 1] as const) {
        asked[index]?.resolve();
        count += 1;
        yield [answer(index)];
      }
    }
    const writing = write(later());
    await once(stream, 'readable');
    expect(count).toBe(0);
    stream.read();
    await asked[0]?.promise;
    expect(count).toBe(1);
    stream.resume();
    await writing;
    expect(count).toBe(2);
  });

  it('ends with a masked error when a part fails in a way that nobody foresaw', async () => {
    const { write, textOf, answer, logged, report } = setUp();
    async function* later() {
      yield [answer(0)];
      throw new Error('the secret is 42');
    }
    await write(later());
    const text = await textOf();
    expect(text).not.toContain('secret');
    const last = JSON.parse(text.split('\r\n\r\n').at(-1)?.split('\r\n')[0] ?? '') as unknown;
    expect(last).toMatchObject({
      incremental: [
        {
          data: null,
          path: ['a'],
          label: 'two',
          errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'r' } }],
        },
      ],
      hasNext: false,
    });
    expect(text.endsWith('\r\n-----\r\n')).toBe(true);
    expect(report.codes).toEqual(['INTERNAL_SERVER_ERROR']);
    report.log();
    expect(logged).toEqual([new Error('the secret is 42')]);
  });

  it('says so when parts are missing in the end', async () => {
    const { write, textOf, report } = setUp();
    async function* later(): AsyncGenerator<readonly DeferredAnswer[]> {}
    await write(later());
    expect(await textOf()).toContain('"hasNext":false');
    expect(report.codes).toEqual(['INTERNAL_SERVER_ERROR']);
  });

  it('asks for nothing more when the client is gone, and calls it nobody’s mistake', async () => {
    const { stream, write, answer, controller, report } = setUp({ highWaterMark: 10 });
    const returned = Promise.withResolvers<void>();
    async function* later() {
      try {
        yield [answer(0)];
        yield [answer(1)];
      } finally {
        returned.resolve();
      }
    }
    const writing = write(later());
    await once(stream, 'readable');
    stream.read();
    await once(stream, 'readable');
    stream.destroy();
    controller.abort(new Error('The client is gone'));
    await writing;
    await returned.promise;
    expect(report.codes).toEqual([]);
  });
});
