import { inKeyOrder, type LoaderRegistry } from '@tributary/subgraph-kit';

import type { NotificationRepository, NotificationRow } from './notification-repository.ts';
import type { UserRepository, UserRow } from './repository.ts';

/** Made anew for every request; a missing user is null, an Error is a failure. */
export const createLoaders = (
  loaders: LoaderRegistry,
  { users, notifications }: { users: UserRepository; notifications: NotificationRepository },
) => ({
  userById: loaders.create<string, UserRow | null>({ name: 'userById' }, async (ids) =>
    inKeyOrder(ids, await users.findByIds(ids), (user) => user.id),
  ),

  /** For those who ask for a user's name and nothing more. */
  userNameById: loaders.create<string, UserRow | null>({ name: 'userNameById' }, async (ids) =>
    inKeyOrder(ids, await users.findNamesByIds(ids), (user) => user.id),
  ),

  notificationById: loaders.create<string, NotificationRow | null>(
    { name: 'notificationById' },
    async (ids) => inKeyOrder(ids, await notifications.findByIds(ids), (notification) => notification.id),
  ),

  userByUsername: loaders.create<string, UserRow | null>(
    { name: 'userByUsername', cacheKeyOf: toLowerCase },
    async (usernames) => {
      const keys = usernames.map(toLowerCase);
      return inKeyOrder(keys, await users.findByUsernames(keys), (user) => toLowerCase(user.username));
    },
  ),
});

export type Loaders = ReturnType<typeof createLoaders>;

/** Lets the rows of a list answer later loads of the same request. */
export function primeLoaders(loaders: Loaders, users: readonly UserRow[]): void {
  for (const user of users) {
    loaders.userById.prime(user.id, user);
    loaders.userNameById.prime(user.id, user);
    loaders.userByUsername.prime(user.username, user);
  }
}

/** "Ada" and "ada" are one name. */
const toLowerCase = (username: string): string => username.toLowerCase();
