import { describe, expect, it } from 'vitest';

import { limitConcurrency } from './limit-concurrency.ts';

/** Work that ends when the test says so. */
function createWork() {
  const started: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  return {
    started,
    start: (name: string) => () => {
      started.push(name);
      const end = Promise.withResolvers<string>();
      ends.set(name, end);
      return end.promise;
    },
    end: (name: string) => ends.get(name)?.resolve(name),
    fail: (name: string) => ends.get(name)?.reject(new Error(name)),
  };
}

describe('limitConcurrency', () => {
  it('runs as many as allowed, the others in their order', async () => {
    const limited = limitConcurrency({ maxRunning: 2, maxWaiting: 10 });
    const { started, start, end } = createWork();
    const runs = ['a', 'b', 'c', 'd'].map((name) => limited(start(name)));
    expect(started).toEqual(['a', 'b']);
    end('b');
    await runs[1];
    expect(started).toEqual(['a', 'b', 'c']);
    end('a');
    end('c');
    await Promise.all([runs[0], runs[2]]);
    end('d');
    expect(await Promise.all(runs)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('goes on after a failure, which only its own caller sees', async () => {
    const limited = limitConcurrency({ maxRunning: 1, maxWaiting: 10 });
    const { start, end, fail } = createWork();
    const [first, second] = [limited(start('first')), limited(start('second'))];
    fail('first');
    await expect(first).rejects.toThrow('first');
    end('second');
    await expect(second).resolves.toBe('second');
  });

  it('has room again once work has ended', async () => {
    const limited = limitConcurrency({ maxRunning: 1, maxWaiting: 0 });
    await limited(async () => 'done');
    await expect(limited(async () => 'again')).resolves.toBe('again');
  });

  it('refuses what would make the queue too long', async () => {
    const limited = limitConcurrency({ maxRunning: 1, maxWaiting: 1 });
    const { started, start, end } = createWork();
    const runs = [limited(start('runs')), limited(start('waits'))];
    await expect(limited(start('refused'))).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: '1 requests of this kind are waiting already; try again',
      extensions: { retryable: true },
    });
    end('runs');
    await runs[0];
    end('waits');
    await runs[1];
    expect(started).toEqual(['runs', 'waits']);
  });
});
