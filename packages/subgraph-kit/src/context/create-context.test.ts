import { describe, expect, it } from 'vitest';

import type { Database, Sql } from '../database/database.ts';
import { createContext, type ContextInput } from './create-context.ts';
import { anonymous } from './principal.ts';

/** A database that notes what happens to its transactions; its `sql` only has a name. */
function fakeDatabase() {
  const trace: string[] = [];
  const named = (name: string) => ({ name }) as unknown as Sql;
  const database = {
    sql: named('pool'),
    transaction: async <T>(work: (sql: never) => Promise<T>) => {
      trace.push('begin');
      try {
        const result = await work(named('transaction') as never);
        trace.push('commit');
        return result;
      } catch (error: unknown) {
        trace.push('rollback');
        throw error;
      }
    },
  } as unknown as Database;
  return { database, trace };
}

interface Options extends Partial<ContextInput> {
  readonly currentUser?: (context: { readonly currentUserId: string | null }) => Promise<unknown>;
}

function openContext(input: Options = {}) {
  const { database, trace } = fakeDatabase();
  const batches: (readonly string[])[] = [];
  const scope = createContext(
    {
      repositories: (sql) => ({ writesIn: (sql as unknown as { name: string }).name }),
      loaders: (registry, repositories) => ({
        repositories,
        userById: registry.create<string, string>({ name: 'userById' }, async (ids) => {
          batches.push(ids);
          return ids;
        }),
      }),
      services: { mail: 'sent' },
      ...(input.currentUser && { currentUser: input.currentUser }),
    },
    { database, requestId: 'request-1', ...input },
  );
  return { ...scope, trace, batches };
}

describe('a context', () => {
  it('says which request it belongs to, when it began, and brings what resolvers need', () => {
    const { context } = openContext({ principal: anonymous });
    expect(context.requestId).toBe('request-1');
    expect(context.startedAt).toBeInstanceOf(Date);
    expect(context.repositories).toEqual({ writesIn: 'pool' });
    expect(context.loaders.repositories).toBe(context.repositories);
    expect(context.services).toEqual({ mail: 'sent' });
    expect(context.signal.aborted).toBe(false);
  });

  it('is aborted with its request', () => {
    const controller = new AbortController();
    const { context } = openContext({ signal: controller.signal });
    controller.abort();
    expect(context.signal.aborted).toBe(true);
  });

  it.each(['requestId', 'principal', 'currentUserId', 'loaders', 'repositories', 'somethingNew'])(
    'cannot be given another %s',
    (name) => {
      const { context } = openContext({ principal: anonymous });
      expect(() => Object.assign(context, { [name]: 'changed' })).toThrow(TypeError);
    },
  );

  it('has one place where resolvers may leave something', () => {
    const { context } = openContext();
    context.extensions['cost'] = 5;
    expect(context.extensions).toEqual({ cost: 5 });
  });

  it('shares nothing with that of another request but what is meant for all', () => {
    const [one, other] = [openContext().context, openContext().context];
    expect(one.loaders).not.toBe(other.loaders);
    expect(one.loaders.userById).not.toBe(other.loaders.userById);
    expect(one.repositories).not.toBe(other.repositories);
    expect(one.extensions).not.toBe(other.extensions);
  });
});

describe('the caller', () => {
  it('is who the gateway says', () => {
    const ada = { userId: 'ada', roles: ['ADMIN'], scopes: [] };
    const { context } = openContext({ principal: ada });
    expect(context.principal).toBe(ada);
    expect(context.currentUserId).toBe('ada');
  });

  it('is nobody for somebody who did not sign in', () => {
    expect(openContext({ principal: anonymous }).context.currentUserId).toBeNull();
  });

  it('cannot be asked for when the request carries no identity', () => {
    const { context } = openContext();
    const message =
      'Expected the request to carry an identity, but it has none: the caller was read for an answer that the ' +
      'schema does not mark `@personal`';
    expect(() => context.principal).toThrow(new TypeError(message));
    expect(() => context.currentUserId).toThrow(new TypeError(message));
  });

  it('is looked up once, when somebody first wants to know', async () => {
    const { context, batches } = openContext({ principal: { ...anonymous, userId: 'ada' } });
    const currentUser = () => context.loaders.userById.load(context.currentUserId ?? '');
    expect(batches).toEqual([]);
    await Promise.all([currentUser(), currentUser()]);
    await currentUser();
    expect(batches).toEqual([['ada']]);
  });
});

describe('transaction', () => {
  it('commits what its work did, with repositories that write in it', async () => {
    const { context, trace } = openContext();
    expect(await context.transaction(async ({ writesIn }) => writesIn)).toBe('transaction');
    expect(trace).toEqual(['begin', 'commit']);
  });

  it('rolls back when its work throws, and throws it on', async () => {
    const { context, trace } = openContext();
    await expect(context.transaction(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(trace).toEqual(['begin', 'rollback']);
  });

  it.each([
    ['was committed', async () => {}],
    ['was rolled back', () => Promise.reject(new Error('no'))],
  ])('that %s makes loaders read again', async (_how, work: () => Promise<void>) => {
    const { context, batches } = openContext();
    await context.loaders.userById.load('ada');
    await context.transaction(work).catch(() => {});
    await context.loaders.userById.load('ada');
    expect(batches).toEqual([['ada'], ['ada']]);
  });
});

describe('the current user', () => {
  const ada = { ...anonymous, userId: 'ada' };

  it('is read when somebody asks, once, and again after a transaction', async () => {
    const asked: (string | null)[] = [];
    const { context } = openContext({
      principal: ada,
      currentUser: async ({ currentUserId }) => {
        asked.push(currentUserId);
        return { name: `User ${asked.length}` };
      },
    });
    expect(asked).toEqual([]);
    expect(await Promise.all([context.currentUser, context.currentUser])).toEqual([
      { name: 'User 1' },
      { name: 'User 1' },
    ]);
    await context.transaction(async () => {});
    expect(await context.currentUser).toEqual({ name: 'User 2' });
    expect(asked).toEqual(['ada', 'ada']);
  });

  it('cannot be read in a subgraph that does not say how', () => {
    const { context } = openContext({ principal: ada });
    expect(() => context.currentUser).toThrow(
      new TypeError('Expected the subgraph to say how to read the current user, but it does not'),
    );
  });
});

describe('the end', () => {
  it('releases what was opened, the last first, and waits for it', async () => {
    const { context, end } = openContext();
    const trace: string[] = [];
    context.onEnd(() => void trace.push('first'));
    context.onEnd(async () => {
      await new Promise(setImmediate);
      trace.push('second');
    });
    await end();
    expect(trace).toEqual(['second', 'first']);
  });

  it('comes once', async () => {
    const { context, end } = openContext();
    let calls = 0;
    context.onEnd(() => void (calls += 1));
    await Promise.all([end(), end()]);
    await end();
    expect(calls).toBe(1);
  });

  it('releases the rest when one release fails, and says so', async () => {
    const { context, end } = openContext();
    let isReleased = false;
    context.onEnd(() => void (isReleased = true));
    context.onEnd(() => {
      throw new Error('stuck');
    });
    await expect(end()).rejects.toThrow('stuck');
    expect(isReleased).toBe(true);
  });

  it('empties the loaders', async () => {
    const { context, end, registry } = openContext();
    await context.loaders.userById.load('ada');
    await end();
    expect(registry.stats()).toMatchObject([{ name: 'userById', cacheSize: 0, cacheMisses: 1 }]);
  });
});
