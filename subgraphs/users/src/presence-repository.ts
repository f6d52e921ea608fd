import type { Sql } from '@tributary/subgraph-kit';

import { userColumns, type UserRow } from './repository.ts';

/** Members who have connections open somewhere. */
export interface Lease {
  readonly holder: string;
  readonly userIds: readonly string[];
  readonly leaseSeconds: number;
}

/** All the SQL of presence. */
export type PresenceRepository = ReturnType<typeof createPresenceRepository>;

/** Each of these runs in a transaction, and gives the members who came or went by it. */
export const createPresenceRepository = (sql: Sql) => {
  /**
   * Whoever makes somebody come or go holds their row: a lease that ends and another one that begins would each not
   * see the other.
   */
  const lock = async (ids: readonly string[]): Promise<void> => {
    await sql`select from users where id = any(${ids}) order by id for update`;
  };

  const setOnline = async (ids: readonly string[]): Promise<readonly UserRow[]> => {
    if (ids.length === 0) return [];
    await lock(ids);
    return sql<UserRow[]>`
      update users set is_online = true, last_seen_at = now()
      where id = any(${ids}) and not is_online
      returning ${userColumns(sql)}`;
  };

  const setOfflineWithoutLease = async (ids: readonly string[]): Promise<readonly UserRow[]> => {
    if (ids.length === 0) return [];
    await lock(ids);
    return sql<UserRow[]>`
      update users set is_online = false, last_seen_at = now()
      where id = any(${ids}) and is_online
        and not exists (select from presence_leases where user_id = users.id and expires_at > now())
      returning ${userColumns(sql)}`;
  };

  return {
    renew: async ({ holder, userIds, leaseSeconds }: Lease): Promise<readonly UserRow[]> => {
      // In one order, so that two holders never wait for each other. Ids that are no member's are passed over.
      const leases = await sql<{ userId: string; isNew: boolean }[]>`
        insert into presence_leases (user_id, holder, expires_at)
        select id, ${holder}, now() + ${leaseSeconds}::float8 * interval '1 second'
        from users where id = any(${userIds})
        order by id
        on conflict (user_id, holder) do update set expires_at = excluded.expires_at
        returning user_id as "userId", xmax = 0 as "isNew"`;
      return setOnline(leases.flatMap(({ userId, isNew }) => (isNew ? [userId] : [])));
    },

    end: async (holder: string, userIds: readonly string[]): Promise<readonly UserRow[]> => {
      const ended = await sql<{ userId: string }[]>`
        delete from presence_leases where holder = ${holder} and user_id = any(${userIds})
        returning user_id as "userId"`;
      return setOfflineWithoutLease(ended.map(({ userId }) => userId));
    },

    /** Ends leases that have run out, some of them when there are many. */
    sweep: async (limit: number): Promise<readonly UserRow[]> => {
      const ended = await sql<{ userId: string }[]>`
        delete from presence_leases where (user_id, holder) in (
          select user_id, holder from presence_leases where expires_at <= now()
          order by user_id, holder
          for update skip locked
          limit ${limit}
        )
        returning user_id as "userId"`;
      return setOfflineWithoutLease(ended.map(({ userId }) => userId));
    },
  };
};
