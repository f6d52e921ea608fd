import type { EmbeddedPostgres } from '@tributary/embedded-postgres';
import { startTestPostgres } from '@tributary/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { startTestUsers } from '../support/start-test-users.ts';

let postgres: EmbeddedPostgres;

beforeAll(async () => {
  postgres = await startTestPostgres(['users']);
});
afterAll(async () => {
  await postgres?.stop();
});

/** Starts the subgraph on the one database, does something and stops it. */
async function withUsers<T>(
  env: Readonly<Record<string, string>>,
  work: (users: Awaited<ReturnType<typeof startTestUsers>>) => Promise<T>,
): Promise<T> {
  const users = await startTestUsers(postgres.url('users'), env);
  try {
    return await work(users);
  } finally {
    await users.stop();
  }
}

const signIn = (login: string, password: string, env: Readonly<Record<string, string>>) =>
  withUsers(env, async ({ ask }) => {
    const { data } = await ask<{ signIn: { __typename: string } }>(
      `mutation { signIn(input: { ${login}, password: "${password}" }) { __typename } }`,
      { as: {} },
    );
    return data?.signIn.__typename;
  });

const production = { NODE_ENV: 'production' };
const demo = ['username: "Bret"', 'tributary'] as const;

it('nobody signs in with the password of the seed in production, also on data seeded in development', async () => {
  expect(await signIn(...demo, {})).toBe('AuthPayload');
  expect(await signIn(...demo, production)).toBe('InvalidCredentials');
  expect(await signIn('email: "Sincere@april.biz"', 'tributary', production)).toBe('InvalidCredentials');
  expect(await signIn(...demo, {})).toBe('AuthPayload');
});

it('members who signed up in development sign in in production', async () => {
  const member = 'username: "ada", name: "Ada", email: "ada@example.org", password: "a good password"';
  await withUsers({}, ({ ask }) =>
    ask(`mutation { signUp(input: { ${member} }) { __typename } }`, { as: {} }),
  );
  expect(await signIn('username: "ada"', 'a good password', production)).toBe('AuthPayload');
});

it('credentials that were seeded before they were marked are marked by the migration', async () => {
  await withUsers({}, async ({ database: { sql } }) => {
    await sql`alter table credentials drop column is_demo`;
    await sql`delete from schema_migrations where name like '002-%'`;
  });
  expect(await signIn(...demo, production)).toBe('InvalidCredentials');
});
