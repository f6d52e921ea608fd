import { LoaderRegistry } from '@tributary/subgraph-kit';
import { describe, expect, it } from 'vitest';

import { createLoaders, primeLoaders } from './loaders.ts';
import type { NotificationRepository } from './notification-repository.ts';
import type { UserRepository, UserRow } from './repository.ts';

const rowOf = (id: string, username: string) => ({ id, username }) as UserRow;
const stored = [rowOf('u1', 'Ada'), rowOf('u2', 'bob')];

/** Loaders over two users, and the keys of every batch that was asked for. */
function createTestLoaders() {
  const batches: (readonly string[])[] = [];
  const find = async (keys: readonly string[], isAsked: (user: UserRow) => boolean) => {
    batches.push(keys);
    return stored.filter(isAsked).toReversed();
  };
  const users = {
    findByIds: (ids: readonly string[]) => find(ids, ({ id }) => ids.includes(id)),
    findByUsernames: (names: readonly string[]) =>
      find(names, ({ username }) => names.includes(username.toLowerCase())),
  } as unknown as UserRepository;
  const notifications = {} as NotificationRepository;
  return { loaders: createLoaders(new LoaderRegistry(), { users, notifications }), batches };
}

describe('userById', () => {
  it('asks once for all ids of a tick, each of them once, and gives null for unknown ones', async () => {
    const { loaders, batches } = createTestLoaders();
    const users = await loaders.userById.loadMany(['u2', 'nobody', 'u1', 'u2']);
    expect(users).toEqual([stored[1], null, stored[0], stored[1]]);
    expect(batches).toEqual([['u2', 'nobody', 'u1']]);
  });
});

describe('userByUsername', () => {
  it('takes upper and lower case for one name', async () => {
    const { loaders, batches } = createTestLoaders();
    const users = await loaders.userByUsername.loadMany(['ADA', 'nobody', 'Bob', 'ada']);
    expect(users).toEqual([stored[0], null, stored[1], stored[0]]);
    expect(batches).toEqual([['ada', 'nobody', 'bob']]);
  });
});

describe('primeLoaders', () => {
  it('lets the users of a list be loaded without asking again', async () => {
    const { loaders, batches } = createTestLoaders();
    primeLoaders(loaders, stored);
    expect(await loaders.userById.load('u1')).toBe(stored[0]);
    expect(await loaders.userByUsername.load('ada')).toBe(stored[0]);
    expect(batches).toEqual([]);
  });
});
