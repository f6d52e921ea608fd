import type { GraphQLResolveInfo } from 'graphql';
import { describe, expect, it } from 'vitest';

import { byId, cached, paginated, type PageArguments } from './factories.ts';

const info = {} as GraphQLResolveInfo;

it('byId gives the entity that the argument names', async () => {
  const context = { load: async (id: string) => `post ${id}` };
  const resolve = byId((ctx: typeof context, id) => ctx.load(id));
  expect(await resolve({}, { id: '7' }, context, info)).toBe('post 7');
});

describe('paginated', () => {
  const row = (id: string) => ({ id, at: new Date('2026-01-01T00:00:00Z') });
  const asked: object[] = [];
  const resolve = paginated({
    getRows: async (request: { args: PageArguments & { tag?: string }; limit: number }) => {
      asked.push({ limit: request.limit, tag: request.args.tag });
      return ['a', 'b', 'c'].slice(0, request.limit).map(row);
    },
    cursorOf: (post) => post,
    defaultFirst: 2,
  });

  it('asks for one row more than the page has, with the filters of the field', async () => {
    const { edges, pageInfo } = await resolve({}, { tag: 'x' }, {}, info);
    expect(asked.at(-1)).toEqual({ limit: 3, tag: 'x' });
    expect(edges.map(({ node }) => node.id)).toEqual(['a', 'b']);
    expect(pageInfo.hasNextPage).toBe(true);
  });

  it('refuses a page that is too large before it asks for rows', async () => {
    const before = asked.length;
    await expect(resolve({}, { first: 101 }, {}, info)).rejects.toThrow(
      'Argument "first" must be from 1 to 100, but got 101',
    );
    expect(asked).toHaveLength(before);
  });
});

describe('cached', () => {
  let now = 1;

  function counter(answer: (call: number) => Promise<number>, maxEntries?: number) {
    let calls = 0;
    const resolve = cached<string, unknown, unknown, number>(
      { keyOf: (parent) => parent, ttlSeconds: 60, now: () => now, ...(maxEntries && { maxEntries }) },
      () => answer((calls += 1)),
    );
    return (key: string) => resolve(key, {}, {}, info);
  }

  it('remembers a value for its time', async () => {
    const ask = counter(async (call) => call);
    expect([await ask('a'), await ask('a'), await ask('b')]).toEqual([1, 1, 2]);
    now += 60_001;
    expect(await ask('a')).toBe(3);
  });

  it('asks once for what many want at the same time', async () => {
    const ask = counter(async (call) => call);
    expect(await Promise.all([ask('a'), ask('a')])).toEqual([1, 1]);
  });

  it('forgets a failure', async () => {
    const ask = counter((call) => (call === 1 ? Promise.reject(new Error('down')) : Promise.resolve(call)));
    await expect(ask('a')).rejects.toThrow('down');
    expect(await ask('a')).toBe(2);
  });

  it('keeps as many values as it may', async () => {
    const ask = counter(async (call) => call, 1);
    await ask('a');
    await ask('b');
    expect(await ask('a')).toBe(3);
  });
});
