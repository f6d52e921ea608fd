import { CodedError } from '@tributary/errors';
import { describe, expect, it } from 'vitest';

import { DatabaseUnavailable } from '../database/database-errors.ts';
import { compositeKey } from './composite-key.ts';
import { Loader, type BatchFunction, type LoaderBatch, type LoaderOptions } from './loader.ts';

interface User {
  readonly id: string;
}

/** A loader of users that exist whatever their id, and the batches that it asked for. */
function userLoader(
  options: Partial<LoaderOptions<string>> = {},
  answer: BatchFunction<string, User | null> = async (ids) => ids.map((id) => ({ id })),
) {
  const batches: string[][] = [];
  const loader = new Loader<string, User | null>({ name: 'userById', ...options }, (ids) => {
    batches.push([...ids]);
    return answer(ids);
  });
  return { loader, batches };
}

const idsTo = (count: number) => Array.from({ length: count }, (_, index) => `u${index + 1}`);
const nextTick = () => new Promise(setImmediate);

describe('a batch', () => {
  it('has all keys asked for in one tick', async () => {
    const { loader, batches } = userLoader();
    await Promise.all([loader.load('u1'), loader.load('u2')]);
    expect(batches).toEqual([['u1', 'u2']]);
  });

  it('has the keys that promises of the same tick lead to', async () => {
    const { loader, batches } = userLoader();
    const later = Promise.resolve('u2').then((id) => loader.load(id));
    await Promise.all([loader.load('u1'), later]);
    expect(batches).toEqual([['u1', 'u2']]);
  });

  it('ends with its tick', async () => {
    const { loader, batches } = userLoader();
    await loader.load('u1');
    await loader.load('u2');
    expect(batches).toEqual([['u1'], ['u2']]);
  });

  it('has each key once, however many ask for it', async () => {
    const { loader, batches } = userLoader();
    const [one, other] = await Promise.all([loader.load('u1'), loader.load('u1'), loader.load('u2')]);
    expect(batches).toEqual([['u1', 'u2']]);
    expect(other).toBe(one);
  });

  it('has the keys of loadMany as well, which gives values in the order of its keys', async () => {
    const { loader, batches } = userLoader();
    const [one, many] = await Promise.all([loader.load('u9'), loader.loadMany(['u2', 'u1', 'u2'])]);
    expect(one).toEqual({ id: 'u9' });
    expect(many).toEqual([{ id: 'u2' }, { id: 'u1' }, { id: 'u2' }]);
    expect(batches).toEqual([['u9', 'u2', 'u1']]);
  });

  it('has 100 keys at most: more become several, asked for at the same time', async () => {
    let running = 0;
    let mostRunning = 0;
    const { loader, batches } = userLoader({}, async (ids) => {
      running += 1;
      mostRunning = Math.max(mostRunning, running);
      await nextTick();
      running -= 1;
      return ids.map((id) => ({ id }));
    });
    const values = await loader.loadMany(idsTo(250));
    expect(values).toEqual(idsTo(250).map((id) => ({ id })));
    expect(batches.map((batch) => batch.length)).toEqual([100, 100, 50]);
    expect(mostRunning).toBe(3);
  });

  it('may be smaller by setting', async () => {
    const { loader, batches } = userLoader({ maxBatchSize: 2 });
    await loader.loadMany(idsTo(3));
    expect(batches).toEqual([['u1', 'u2'], ['u3']]);
  });

  it('is one key without memory where batching is off: what a server without loaders does', async () => {
    const { loader, batches } = userLoader({ isBatching: false });
    loader.prime('u3', { id: 'primed' });
    await Promise.all([loader.load('u1'), loader.load('u1'), loader.loadMany(['u2', 'u3'])]);
    expect(batches).toEqual([['u1'], ['u1'], ['u2'], ['u3']]);
    expect(loader.stats()).toMatchObject({ cacheHits: 0, cacheMisses: 4, cacheSize: 0 });
  });
});

describe('memory', () => {
  it('answers a key that was loaded before', async () => {
    const { loader, batches } = userLoader();
    await loader.load('u1');
    await loader.loadMany(['u1', 'u2']);
    expect(batches).toEqual([['u1'], ['u2']]);
  });

  it('keeps what is missing, as null', async () => {
    const { loader, batches } = userLoader({}, async (ids) => ids.map(() => null));
    expect(await loader.load('gone')).toBeNull();
    expect(await loader.load('gone')).toBeNull();
    expect(batches).toEqual([['gone']]);
  });

  it('loses a key that is cleared', async () => {
    const { loader, batches } = userLoader();
    await loader.loadMany(['u1', 'u2']);
    await loader.clear('u1').loadMany(['u1', 'u2']);
    expect(batches).toEqual([['u1', 'u2'], ['u1']]);
  });

  it('loses everything with clearAll', async () => {
    const { loader, batches } = userLoader();
    await loader.loadMany(['u1', 'u2']);
    await loader.clearAll().loadMany(['u1', 'u2']);
    expect(batches).toEqual([
      ['u1', 'u2'],
      ['u1', 'u2'],
    ]);
  });

  it('takes a value that another query brought', async () => {
    const { loader, batches } = userLoader();
    expect(await loader.prime('u1', { id: 'from a list' }).load('u1')).toEqual({ id: 'from a list' });
    expect(batches).toEqual([]);
  });

  it('keeps what it has when it is primed again', async () => {
    const { loader } = userLoader();
    await loader.load('u1');
    expect(await loader.prime('u1', { id: 'other' }).load('u1')).toEqual({ id: 'u1' });
  });

  it('tells keys of several parts apart by what they are made of', async () => {
    interface PageOf {
      readonly author: string;
      readonly first: number;
    }
    const batches: (readonly PageOf[])[] = [];
    const loader = new Loader<PageOf, string>(
      { name: 'page', cacheKeyOf: ({ author, first }) => compositeKey(author, first) },
      async (pages) => {
        batches.push(pages);
        return pages.map(({ author, first }) => `${author} ${first}`);
      },
    );
    const values = await loader.loadMany([
      { author: 'u1', first: 5 },
      { author: 'u1', first: 10 },
      { author: 'u1', first: 5 },
    ]);
    expect(values).toEqual(['u1 5', 'u1 10', 'u1 5']);
    expect(batches).toEqual([
      [
        { author: 'u1', first: 5 },
        { author: 'u1', first: 10 },
      ],
    ]);
    await loader.clear({ author: 'u1', first: 5 }).load({ author: 'u1', first: 5 });
    expect(batches).toHaveLength(2);
  });

  it('is not shared with another loader', async () => {
    const [one, other] = [userLoader(), userLoader()];
    await one.loader.load('u1');
    await other.loader.load('u1');
    expect(other.batches).toEqual([['u1']]);
  });
});

describe('a failure', () => {
  it('at one place fails that key alone', async () => {
    const { loader } = userLoader({}, async (ids) =>
      ids.map((id) => (id === 'bad' ? new Error('Not an id') : { id })),
    );
    expect(await loader.loadMany(['u1', 'bad'])).toEqual([{ id: 'u1' }, new Error('Not an id')]);
    await expect(loader.load('bad')).rejects.toThrow('Not an id');
  });

  it('of the whole batch fails each of its keys', async () => {
    const { loader } = userLoader({}, async () => {
      throw new Error('boom');
    });
    expect(await loader.loadMany(['u1', 'u2'])).toEqual([new Error('boom'), new Error('boom')]);
  });

  it('thrown before the batch function waits for anything is no other', async () => {
    const { loader } = userLoader({}, () => {
      throw new Error('at once');
    });
    await expect(loader.load('u1')).rejects.toThrow(new Error('at once'));
  });

  it('that is not an Error becomes one', async () => {
    const { loader } = userLoader({}, () => Promise.reject('text'));
    await expect(loader.load('u1')).rejects.toThrow('Expected an Error to be thrown, but got "text"');
  });

  it('is asked for again, and what came along is kept', async () => {
    let isDown = true;
    const { loader, batches } = userLoader({}, async (ids) =>
      ids.map((id) => (id === 'u1' && isDown ? new Error('down') : { id })),
    );
    await loader.loadMany(['u1', 'u2']);
    isDown = false;
    expect(await loader.loadMany(['u1', 'u2'])).toEqual([{ id: 'u1' }, { id: 'u2' }]);
    expect(batches).toEqual([['u1', 'u2'], ['u1']]);
  });

  it('does not take away a newer load of the same key', async () => {
    const answers = [Promise.withResolvers<(User | Error)[]>(), Promise.withResolvers<(User | Error)[]>()];
    const waiting = [...answers];
    const { loader, batches } = userLoader({}, () => waiting.shift()?.promise ?? Promise.resolve([]));
    const older = loader.load('u1').catch((error: unknown) => error);
    await nextTick();
    const newer = loader.clear('u1').load('u1');
    await nextTick();
    answers[0]?.reject(new Error('down'));
    expect(await older).toEqual(new Error('down'));
    const third = loader.load('u1');
    answers[1]?.resolve([{ id: 'new' }]);
    expect(await Promise.all([newer, third])).toEqual([{ id: 'new' }, { id: 'new' }]);
    expect(batches).toEqual([['u1'], ['u1']]);
  });

  it.each([
    ['too few', [], 'returned 0 results for 2 keys'],
    ['too many', [null, null, null], 'returned 3 results for 2 keys'],
    ['no list', undefined as never, 'returned no list of results for 2 keys'],
  ])('of order and number: %s results fail the whole batch', async (_what, results, message) => {
    const { loader } = userLoader({}, async () => results);
    const expected = new TypeError(`Loader "userById" ${message}`);
    expect(await loader.loadMany(['u1', 'u2'])).toEqual([expected, expected]);
  });

  it('of the database is a coded one that names the keys', async () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:5432'), { code: 'ECONNREFUSED' });
    const { loader } = userLoader({}, () => Promise.reject(refused));
    const [error] = await loader.loadMany(['u1', 'u2']);
    expect(error).toBeInstanceOf(DatabaseUnavailable);
    expect(error).toMatchObject({
      message: 'The database did not answer as expected; try again',
      originalError: refused,
      extensions: {
        code: 'DATABASE_ERROR',
        retryable: true,
        loader: 'userById',
        loaderError: true,
        failedKeys: ['u1', 'u2'],
      },
    });
  });

  it('of the database names ten keys at most, in a form that can be read', async () => {
    const loader = new Loader<{ id: number }, null>({ name: 'x', cacheKeyOf: ({ id }) => id }, () =>
      Promise.reject(DatabaseUnavailable.from(new Error('down'))),
    );
    const [error] = await loader.loadMany(Array.from({ length: 20 }, (_, id) => ({ id })));
    const { failedKeys } = (error as unknown as DatabaseUnavailable).extensions;
    expect(failedKeys).toHaveLength(10);
    expect(failedKeys).toContain('{"id":0}');
  });

  it('that has a code already keeps it', async () => {
    const forbidden = new CodedError('FORBIDDEN', 'Not yours');
    const { loader } = userLoader({}, () => Promise.reject(forbidden));
    await expect(loader.load('u1')).rejects.toBe(forbidden);
  });

  it('of one loader leaves the others alone', async () => {
    const failing = userLoader({}, () => Promise.reject(new Error('down')));
    const { loader } = userLoader();
    const [failed, value] = await Promise.allSettled([failing.loader.load('u1'), loader.load('u1')]);
    expect(failed.status).toBe('rejected');
    expect(value).toMatchObject({ value: { id: 'u1' } });
  });
});

describe('stats', () => {
  it('begin at zero', () => {
    expect(userLoader().loader.stats()).toEqual({
      name: 'userById',
      cacheSize: 0,
      cacheHits: 0,
      cacheMisses: 0,
      hitRatio: 0,
      batches: 0,
      batchErrors: 0,
      largestBatch: 0,
    });
  });

  it('count hits, misses, batches and failures', async () => {
    const { loader } = userLoader({}, async (ids) =>
      ids.map((id) => (id === 'bad' ? new Error('bad') : { id })),
    );
    await Promise.all([loader.load('u1'), loader.load('u1'), loader.loadMany(['u2', 'bad'])]);
    await loader.load('u2');
    expect(loader.stats()).toEqual({
      name: 'userById',
      cacheSize: 2,
      cacheHits: 2,
      cacheMisses: 3,
      hitRatio: 0.4,
      batches: 1,
      batchErrors: 1,
      largestBatch: 3,
    });
  });

  it('are right before the batch was sent', () => {
    const { loader } = userLoader();
    void loader.load('u1');
    expect(loader.stats()).toMatchObject({ cacheHits: 0, cacheMisses: 1 });
  });

  it('tell of each batch when it is over', async () => {
    const seen: LoaderBatch[] = [];
    const { loader } = userLoader({ onBatch: (batch) => void seen.push(batch) }, async (ids) =>
      ids.map((id) => (id === 'bad' ? new Error('bad') : { id })),
    );
    await loader.loadMany(['u1', 'bad']);
    expect(seen).toEqual([
      { name: 'userById', size: 2, failedKeys: 1, durationMs: expect.any(Number) as number },
    ]);
  });
});
