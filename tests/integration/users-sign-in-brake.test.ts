import type { EmbeddedPostgres } from '@tributary/embedded-postgres';
import { startTestPostgres } from '@tributary/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { startTestUsers } from '../support/start-test-users.ts';
import type { TestSubgraph } from '../support/start-test-subgraph.ts';

let postgres: EmbeddedPostgres;
let users: TestSubgraph;

beforeAll(async () => {
  postgres = await startTestPostgres(['users']);
  users = await startTestUsers(postgres.url('users'));
});

afterAll(async () => {
  await users?.stop();
  await postgres?.stop();
});

const document = 'mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }';

/** The type of the result, or the code of the error. */
async function signIn(input: object, to = users): Promise<string> {
  const { data, errors = [] } = await to.ask<{ signIn: { __typename: string } | null }>(document, {
    variables: { input },
    as: {},
  });
  return data?.signIn?.__typename ?? String(errors[0]?.extensions?.['code']);
}

const countOf = (results: readonly string[]) =>
  Object.fromEntries([...Map.groupBy(results, (result) => result)].map(([type, all]) => [type, all.length]));

it('verifies ten passwords of a login, also when 150 come at once; others do not wait for them', async () => {
  const guesses = Array.from({ length: 150 }, (_, index) =>
    signIn({ username: 'Bret', password: `guess ${index}` }),
  );
  expect(await signIn({ username: 'Antonette', password: 'tributary' })).toBe('AuthPayload');
  expect(countOf(await Promise.all(guesses))).toEqual({ InvalidCredentials: 10, RATE_LIMITED: 140 });
});

it('counts the name and the address of a member together', async () => {
  const password = 'a wrong one';
  const byName = Array.from({ length: 8 }, () => signIn({ username: 'Samantha', password }));
  const byAddress = Array.from({ length: 8 }, () => signIn({ email: 'Nathan@yesenia.net', password }));
  expect(countOf(await Promise.all([...byName, ...byAddress]))).toEqual({
    InvalidCredentials: 10,
    RATE_LIMITED: 6,
  });
});

it('takes the right password before the limit, and counts anew from there', async () => {
  const username = 'Karianne';
  for (let round = 1; round <= 2; round += 1) {
    for (let guess = 1; guess <= 9; guess += 1) {
      expect(await signIn({ username, password: `guess ${guess}` })).toBe('InvalidCredentials');
    }
    expect(await signIn({ username, password: 'tributary' })).toBe('AuthPayload');
  }
});
