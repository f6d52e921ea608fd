import { readFile } from 'node:fs/promises';

import type { Database } from '@tributary/subgraph-kit';
import { z } from 'zod';

import type { Passwords } from './passwords.ts';
import type { UserRole } from './repository.ts';

const seedFile = new URL('../seed/jsonplaceholder.json', import.meta.url);

const seedUsers = z.array(
  z.object({
    id: z.number(),
    name: z.string(),
    username: z.string(),
    email: z.string(),
    website: z.string(),
    address: z.object({ city: z.string() }),
    company: z.object({ name: z.string(), catchPhrase: z.string() }),
  }),
);

/** Of every member of the seed; the README signs in with it. */
export const demoPassword = 'tributary';

/** The first member's day; each further one is a day younger, so that lists have an order. */
const firstUserAt = Date.UTC(2025, 11, 1);
const dayMs = 86_400_000;

/** The first member is the administrator, the second one a moderator. */
const roles: readonly UserRole[] = ['ADMIN', 'MODERATOR'];

/**
 * Fills an empty table with the users of jsonplaceholder, ids kept. They can sign in only if there is something to
 * hash the demo password with.
 */
export async function seed(database: Database, passwords: Passwords | undefined): Promise<void> {
  const users = seedUsers.parse(JSON.parse(await readFile(seedFile, 'utf8')));
  await database.transaction(async (sql) => {
    const [{ isEmpty }] = await sql<
      [{ isEmpty: boolean }]
    >`select not exists (select from users) as "isEmpty"`;
    if (!isEmpty) return;
    // As text: postgres.js takes an array of Dates for a single one.
    const times = users.map((_user, index) => new Date(firstUserAt + index * dayMs).toISOString());
    await sql`
      insert into users (id, username, name, email, role, website, city, company_name, company_catch_phrase,
        created_at, updated_at)
      select id, username, name, email, role, website, city, company_name, catch_phrase, at, at
      from unnest(
        ${users.map(({ id }) => String(id))}::text[], ${users.map(({ username }) => username)}::text[],
        ${users.map(({ name }) => name)}::text[], ${users.map(({ email }) => email)}::text[],
        ${users.map((_user, index) => roles[index] ?? 'USER')}::text[],
        ${users.map(({ website }) => `https://${website}`)}::text[],
        ${users.map(({ address }) => address.city)}::text[], ${users.map(({ company }) => company.name)}::text[],
        ${users.map(({ company }) => company.catchPhrase)}::text[], ${times}::timestamptz[]
      ) as seed (id, username, name, email, role, website, city, company_name, catch_phrase, at)`;
    if (!passwords) return;
    // One hash for all: the password is in the README, so nothing is lost, and a start stays short.
    const passwordHash = await passwords.hash(demoPassword);
    await sql`insert into credentials (user_id, password_hash, is_demo) select id, ${passwordHash}, true from users`;
  });
}
