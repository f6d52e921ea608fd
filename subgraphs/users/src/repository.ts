import type { Cursor, Page, Sql } from '@tributary/subgraph-kit';

import { userCondition, type UserFilter } from './user-filter.ts';

export type UserRole = 'ADMIN' | 'MODERATOR' | 'USER';

/** A user as it is stored. */
export interface UserRow {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly role: UserRole;
  readonly bio: string | null;
  readonly website: string | null;
  readonly city: string | null;
  readonly companyName: string | null;
  readonly companyCatchPhrase: string | null;
  /** `2026-01-31` */
  readonly birthday: string | null;
  readonly preferences: unknown;
  /** Whether somebody holds a lease of presence; as of the last one that came or ended. */
  readonly isOnline: boolean;
  readonly lastSeenAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface NewUser {
  readonly username: string;
  readonly name: string;
  readonly email: string;
}

/** What changes; an absent value stays as it is, `null` takes it away. */
export interface UserChanges {
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly bio?: string | null | undefined;
  readonly website?: string | null | undefined;
  readonly city?: string | null | undefined;
  readonly companyName?: string | null | undefined;
  readonly companyCatchPhrase?: string | null | undefined;
  readonly birthday?: string | null | undefined;
  readonly preferences?: Readonly<Record<string, unknown>> | null | undefined;
}

/** How somebody says who they are when they sign in. */
export type Login = { readonly username: string } | { readonly email: string };

/** What a password is checked against. */
export interface CredentialRow {
  readonly userId: string;
  readonly passwordHash: string;
}

/** What a {@link UserRow} is read from. */
export const userColumns = (sql: Sql) => sql`
  id, username, name, email, role, bio, website, city, company_name as "companyName",
  company_catch_phrase as "companyCatchPhrase", birthday::text, preferences, is_online as "isOnline",
  last_seen_at as "lastSeenAt", created_at as "createdAt", updated_at as "updatedAt"`;

/** What names a user wherever one is mentioned, and is asked for far more often than all the rest. */
export const nameFields = ['id', 'username', 'name', 'role'] as const satisfies readonly (keyof UserRow)[];

/** All the SQL of users. `any()` keeps one prepared statement, however many keys there are. */
export type UserRepository = ReturnType<typeof createUserRepository>;

export const createUserRepository = (sql: Sql) => {
  const columns = userColumns(sql);

  const afterCursor = (after: Cursor | undefined) =>
    after ? sql`and (created_at, id) > (${after.at}, ${after.id})` : sql``;

  // By way of a text: postgres.js would encode a text for a json column once more.
  const toJson = (value: object | null) => sql`${value && JSON.stringify(value)}::text::json`;

  return {
    findByIds: (ids: readonly string[]) => sql<UserRow[]>`
      select ${columns} from users where id = any(${ids})`,

    /** With {@link nameFields} only. */
    findNamesByIds: (ids: readonly string[]) => sql<UserRow[]>`
      select ${sql(nameFields)} from users where id = any(${ids})`,

    /** Names in lower case. */
    findByUsernames: (usernames: readonly string[]) => sql<UserRow[]>`
      select ${columns} from users where lower(username) = any(${usernames})`,

    /** One more row than the page has tells whether there is a next page. */
    list: (filter: UserFilter, { first, after }: Page) => sql<UserRow[]>`
      select ${columns} from users
      where ${userCondition(sql, filter)}
      ${afterCursor(after)}
      order by created_at, id
      limit ${first + 1}`,

    insert: async ({ username, name, email }: NewUser): Promise<UserRow> => {
      const [row] = await sql<[UserRow]>`
        insert into users (username, name, email) values (${username}, ${name}, ${email})
        returning ${columns}`;
      return row;
    },

    update: async (id: string, { preferences, ...texts }: UserChanges): Promise<UserRow | undefined> => {
      const orKept = (value: string | null | undefined, column: string) =>
        value === undefined ? sql`${sql(column)}` : sql`${value}`;
      const [row] = await sql<UserRow[]>`
        update users set name = ${orKept(texts.name, 'name')}, email = ${orKept(texts.email, 'email')},
          bio = ${orKept(texts.bio, 'bio')}, website = ${orKept(texts.website, 'website')},
          city = ${orKept(texts.city, 'city')}, company_name = ${orKept(texts.companyName, 'company_name')},
          company_catch_phrase = ${orKept(texts.companyCatchPhrase, 'company_catch_phrase')},
          birthday = ${orKept(texts.birthday, 'birthday')},
          preferences = ${preferences === undefined ? sql`preferences` : toJson(preferences)}, updated_at = now()
        where id = ${id}
        returning ${columns}`;
      return row;
    },
  };
};

/** All the SQL of passwords: whoever reads users has no way to a hash. */
export type CredentialRepository = ReturnType<typeof createCredentialRepository>;

export const createCredentialRepository = (
  sql: Sql,
  { isProduction }: { readonly isProduction: boolean },
) => ({
  insert: async ({ userId, passwordHash }: CredentialRow): Promise<void> => {
    await sql`insert into credentials (user_id, password_hash) values (${userId}, ${passwordHash})`;
  },

  /** In production without those of the seed, whose password everybody knows. */
  findByLogin: async (login: Login): Promise<CredentialRow | undefined> => {
    const isTheirs =
      'username' in login
        ? sql`lower(username) = lower(${login.username})`
        : sql`lower(email) = lower(${login.email})`;
    const [row] = await sql<CredentialRow[]>`
      select user_id as "userId", password_hash as "passwordHash"
      from users join credentials on user_id = id
      where ${isTheirs} ${isProduction ? sql`and not is_demo` : sql``}`;
    return row;
  },
});
