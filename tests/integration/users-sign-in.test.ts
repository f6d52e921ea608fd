import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { EmbeddedPostgres } from '@tributary/embedded-postgres';
import {
  createTestKeys,
  postGraphQL,
  signIdentity,
  startTestPostgres,
  type GraphQLAnswer,
} from '@tributary/testkit';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import connect from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { onlyError, type TestSubgraph } from '../support/start-test-subgraph.ts';
import { startTestUsers } from '../support/start-test-users.ts';

let postgres: EmbeddedPostgres;
let users: TestSubgraph;

beforeAll(async () => {
  postgres = await startTestPostgres(['users', 'production', 'logged']);
  users = await startTestUsers(postgres.url('users'));
});

afterAll(async () => {
  await users?.stop();
  await postgres?.stop();
});

const anonymous = {};

const authResult = `{
  __typename
  ... on AuthPayload { token tokenType expiresAt sessionId user { id username name email role } }
  ... on Problem { code message }
  ... on InvalidInput { fields { path code message } }
}`;
const signUpDocument = `mutation ($input: SignUpInput!) { signUp(input: $input) ${authResult} }`;
const signInDocument = `mutation ($input: SignInInput!) { signIn(input: $input) ${authResult} }`;

interface AuthResult extends Record<string, unknown> {
  readonly __typename: string;
  readonly token?: string;
  readonly user?: { readonly id: string };
}

const signUp = async (input: object, to = users) => {
  const { data } = await to.ask<{ signUp: AuthResult }>(signUpDocument, {
    variables: { input },
    as: anonymous,
  });
  return data?.signUp;
};

const signIn = async (input: object, to = users) => {
  const { data } = await to.ask<{ signIn: AuthResult }>(signInDocument, {
    variables: { input },
    as: anonymous,
  });
  return data?.signIn;
};

/** Checks a token as the gateway does: with the key set that the subgraph serves. */
const verify = (token: string | undefined) =>
  jwtVerify(token ?? '', createRemoteJWKSet(new URL(`${users.url}/.well-known/jwks.json`)), {
    issuer: 'http://127.0.0.1:4001',
    audience: 'tributary',
    algorithms: ['EdDSA'],
  });

const wrong = {
  __typename: 'InvalidCredentials',
  code: 'UNAUTHENTICATED',
  message: 'The name, the address or the password is wrong',
};

let number = 0;
/** What a new member gives, different each time. */
const newMember = () => {
  number += 1;
  return {
    username: `Member${number}`,
    name: `Member Number ${number}`,
    email: `member.${number}@example.org`,
    password: 'a good password',
  };
};

describe('signing up', () => {
  it('makes a member, signs them in and shows them what they gave', async () => {
    const member = newMember();
    const startedAt = Date.now();
    const payload = await signUp(member);
    expect(payload).toEqual({
      __typename: 'AuthPayload',
      token: expect.any(String),
      tokenType: 'Bearer',
      expiresAt: expect.any(String),
      sessionId: expect.stringMatching(/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/),
      user: {
        id: expect.any(String),
        username: member.username,
        name: member.name,
        email: member.email,
        role: 'USER',
      },
    });
    const lifetimeMs = Date.parse(String(payload?.['expiresAt'])) - startedAt;
    expect(Math.abs(lifetimeMs - 900_000)).toBeLessThan(10_000);
  });

  it('gives a token that the served key set verifies', async () => {
    const payload = await signUp(newMember());
    const { payload: claims } = await verify(payload?.token);
    expect(claims).toMatchObject({
      sub: payload?.user?.id,
      roles: ['USER'],
      scope: 'write:posts write:comments',
      jti: payload?.['sessionId'],
    });
  });

  it('lets the member sign in from then on, by name and by address in any case', async () => {
    const member = newMember();
    await signUp(member);
    const { password } = member;
    for (const login of [
      { username: member.username },
      { username: member.username.toUpperCase() },
      { email: member.email },
      { email: member.email.toUpperCase() },
    ]) {
      const result = await signIn({ ...login, password });
      expect({ ...login, type: result?.__typename }).toEqual({ ...login, type: 'AuthPayload' });
    }
  });

  it.each([
    ['username', { username: 'BRET' }, 'The username "BRET" is taken'],
    ['email', { email: 'sincere@APRIL.biz' }, 'The email "sincere@APRIL.biz" is taken'],
  ])('is a conflict when the %s is taken, in any case', async (_field, taken, message) => {
    expect(await signUp({ ...newMember(), ...taken })).toEqual({
      __typename: 'Conflict',
      code: 'CONFLICT',
      message,
    });
  });

  it('gives a name to one of those who ask for it at the same time', async () => {
    const { username } = newMember();
    const results = await Promise.all(Array.from({ length: 5 }, () => signUp({ ...newMember(), username })));
    const types = results.map((result) => result?.__typename);
    expect(types.filter((type) => type === 'AuthPayload')).toHaveLength(1);
    expect(types.filter((type) => type === 'Conflict')).toHaveLength(4);
  });

  it('says everything that is wrong with what was given', async () => {
    const result = await signUp({ username: '-', name: '  ', email: 'a@example.org', password: '1234567' });
    expect(result).toMatchObject({
      __typename: 'InvalidInput',
      code: 'BAD_USER_INPUT',
      fields: [
        { path: ['username'], code: 'INVALID_INPUT', message: 'must have at least 2 characters' },
        { path: ['username'], code: 'INVALID_INPUT' },
        { path: ['name'], code: 'INVALID_INPUT', message: 'must not be empty' },
        { path: ['password'], code: 'INVALID_INPUT', message: 'must have at least 8 characters' },
      ],
    });
  });

  it.each([
    [
      'no address',
      { email: 'not an address' },
      /EmailAddress must be an e-mail address, .* but got "not an address"/,
    ],
    ['nothing for what is needed', { password: undefined }, /"password" of required type "String!"/],
  ])('is not run with %s', async (_what, changes, message) => {
    const answer = await users.ask(signUpDocument, {
      variables: { input: { ...newMember(), ...changes } },
      as: anonymous,
    });
    expect(answer.status).toBe(400);
    expect(onlyError(answer)).toEqual({
      count: 1,
      code: 'BAD_USER_INPUT',
      message: expect.stringMatching(message),
    });
  });

  it('takes what looks like SQL for a text', async () => {
    const name = `Robert'); drop table users; --`;
    const payload = await signUp({ ...newMember(), name, password: `' or true; --` });
    expect(payload?.user).toMatchObject({ name });
  });

  it('leaves nothing behind when it fails half-way', async () => {
    await users.database.sql`
      create function refuse() returns trigger language plpgsql as $$ begin raise 'no more passwords'; end $$`;
    await users.database.sql`
      create trigger refuse before insert on credentials for each row execute function refuse()`;
    const member = newMember();
    try {
      const { data, ...answer } = await users.ask(signUpDocument, {
        variables: { input: member },
        as: anonymous,
      });
      expect(data).toBeNull();
      expect(onlyError(answer)).toMatchObject({
        code: 'INTERNAL_SERVER_ERROR',
        message: 'Internal server error',
      });
    } finally {
      await users.database.sql`drop function refuse cascade`;
    }
    const rows = await users.database.sql`select from users where username = ${member.username}`;
    expect(rows).toHaveLength(0);
    expect((await signUp(member))?.__typename).toBe('AuthPayload');
  });

  it('keeps no password, only what Argon2id made of it, in a table of its own', async () => {
    const member = newMember();
    const payload = await signUp(member);
    const [row] = await users.database.sql`
      select password_hash as "passwordHash" from credentials where user_id = ${payload?.user?.id ?? ''}`;
    expect(row?.['passwordHash']).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    const stored = await users.database.sql`select users::text as users from users`;
    expect(stored.map((user) => user['users']).join('\n')).not.toMatch(/argon2|a good password/);
  });
});

describe('signing in', () => {
  it.each([
    ['Bret', '1', 'ADMIN', 'admin:users'],
    ['Antonette', '2', 'MODERATOR', 'moderate:comments'],
    ['Samantha', '3', 'USER', 'write:comments'],
  ])('as %s gives a token for user %s, %s', async (username, id, role, scope) => {
    const payload = await signIn({ username, password: 'tributary' });
    expect(payload?.user).toMatchObject({ id, username, role });
    const { payload: claims } = await verify(payload?.token);
    expect(claims).toMatchObject({ sub: id, roles: [role] });
    expect(String(claims['scope']).split(' ')).toContain(scope);
  });

  it('shows the member their own address at once, in that answer only', async () => {
    const { data } = await users.ask<Record<string, { user: object }>>(
      `mutation {
        mine: signIn(input: { username: "Bret", password: "tributary" }) { ... on AuthPayload { user { email } } }
        others: updateProfile(input: { bio: "Hello" }) { ... on User { email } }
      }`,
      { as: { userId: '3' } },
    );
    expect(data).toEqual({
      mine: { user: { email: 'Sincere@april.biz' } },
      others: { email: 'Nathan@yesenia.net' },
    });
    const { data: later } = await users.ask('{ user(id: "1") { email } }', { as: { userId: '3' } });
    expect(later).toEqual({ user: { email: null } });
  });

  it.each([
    ['with a wrong password', { username: 'Delphine', password: 'wrong password' }],
    ['with nearly the right one', { username: 'Delphine', password: 'Tributary' }],
    ['with none', { username: 'Delphine', password: '' }],
    ['as nobody', { username: 'nobody', password: 'tributary' }],
    ['by the address of nobody', { email: 'nobody@example.org', password: 'tributary' }],
    ['with a wildcard', { username: '%', password: 'tributary' }],
    ['with SQL', { username: `Bret' --`, password: `' or true --` }],
    ['by the id', { username: '9', password: 'tributary' }],
  ])('%s gives one and the same answer', async (_how, input) => {
    expect(await signIn(input)).toEqual(wrong);
  });

  it('takes as long for nobody as for a member', async () => {
    const millisecondsOf = async (username: string) => {
      const startedAt = performance.now();
      await signIn({ username, password: 'wrong password' });
      return performance.now() - startedAt;
    };
    const times = { member: [] as number[], nobody: [] as number[] };
    for (let round = 0; round < 4; round += 1) {
      times.member.push(await millisecondsOf('Moriah.Stanton'));
      times.nobody.push(await millisecondsOf('nobody-at-all'));
    }
    // The quickest of each is what the work takes; without it, it would be a tenth.
    expect(Math.min(...times.nobody)).toBeGreaterThan(Math.min(...times.member) / 4);
  });

  it('needs a name or an address, one of them', async () => {
    expect(await signIn({ password: 'tributary' })).toMatchObject({
      __typename: 'InvalidInput',
      fields: [
        {
          path: ['username'],
          code: 'MISSING_REQUIRED',
          message: 'must be there, unless there is an email',
        },
      ],
    });
    const both = { username: 'Bret', email: 'Sincere@april.biz', password: 'tributary' };
    expect(await signIn(both)).toMatchObject({
      __typename: 'InvalidInput',
      fields: [{ path: ['email'], code: 'INVALID_INPUT' }],
    });
  });

  it('hashes no novels', async () => {
    expect(await signIn({ username: 'Bret', password: 'x'.repeat(201) })).toMatchObject({
      __typename: 'InvalidInput',
      fields: [{ path: ['password'], code: 'INVALID_INPUT' }],
    });
  });

  it('waits a while after ten wrong passwords, also for the right one; others do not', async () => {
    const username = 'Leopoldo_Corkery';
    for (let attempt = 1; attempt <= 10; attempt += 1)
      expect(await signIn({ username, password: `guess ${attempt}` })).toEqual(wrong);
    const answer = await users.ask(signInDocument, {
      variables: { input: { username, password: 'tributary' } },
      as: anonymous,
    });
    expect(onlyError(answer)).toMatchObject({
      code: 'RATE_LIMITED',
      message: expect.stringMatching(/^Too many wrong passwords; try again in \d+ seconds$/),
    });
    expect(answer.errors?.[0]?.extensions).toMatchObject({ retryable: true, retryAfter: expect.any(Number) });
    expect((await signIn({ username: 'Karianne', password: 'tributary' }))?.__typename).toBe('AuthPayload');
  });

  it('works for many at once', async () => {
    const results = await Promise.all(
      ['Maxime_Nienow', 'Elwyn.Skiles', 'Kamren', 'Antonette'].flatMap((username) =>
        Array.from({ length: 8 }, () => signIn({ username, password: 'tributary' })),
      ),
    );
    expect(new Set(results.map((result) => result?.__typename))).toEqual(new Set(['AuthPayload']));
    expect(new Set(results.map((result) => result?.['sessionId'])).size).toBe(32);
  });

  it('takes two statements, one when it fails', async () => {
    const statementsOf = async (password: string) =>
      (
        await users.ask(signInDocument, {
          variables: { input: { username: 'Moriah.Stanton', password } },
          as: anonymous,
        })
      ).statements;
    expect(await statementsOf('tributary')).toHaveLength(2);
    expect(await statementsOf('wrong password')).toHaveLength(1);
  });

  it('in production is not for the members of the seed, whose password everybody knows', async () => {
    const production = await startTestUsers(postgres.url('production'), { NODE_ENV: 'production' });
    try {
      expect(await signIn({ username: 'Bret', password: 'tributary' }, production)).toEqual(wrong);
      expect((await signUp(newMember(), production))?.__typename).toBe('AuthPayload');
      const { data } = await production.ask('{ user(id: "1") { name } }');
      expect(data).toEqual({ user: { name: 'Leanne Graham' } });
    } finally {
      await production.stop();
    }
  });
});

describe('the key set', () => {
  it('is public, may be kept for a while, and has no private part', async () => {
    const response = await fetch(`${users.url}/.well-known/jwks.json`);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    expect(await response.json()).toEqual({
      keys: [
        {
          kty: 'OKP',
          crv: 'Ed25519',
          alg: 'EdDSA',
          use: 'sig',
          x: expect.any(String),
          kid: expect.any(String),
        },
      ],
    });
  });

  it('is only read', async () => {
    const response = await fetch(`${users.url}/.well-known/jwks.json`, { method: 'POST' });
    expect(response.status).toBe(405);
  });
});

/** The process of the subgraph, with everything that it writes. */
async function startLoggedUsers(databaseUrl: string) {
  const identityKeys = createTestKeys();
  const main = fileURLToPath(new URL('../../subgraphs/users/src/main.ts', import.meta.url));
  const child = fork(main, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      PORT: '0',
      LOG_LEVEL: 'trace',
      DATABASE_URL: databaseUrl,
      SEED: 'jsonplaceholder',
      IDENTITY_PUBLIC_KEY: identityKeys.publicKey,
      JWT_PRIVATE_KEY: createTestKeys().privateKey.replaceAll('\n', '\\n'),
    },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (log += String(chunk)));
  const exit = once(child, 'exit');
  const [{ url }] = (await Promise.race([once(child, 'message'), exit])) as [{ url: string }];
  const identity = await signIdentity(identityKeys, 'users', { userId: '3' });
  return {
    ask: (query: string, variables: Readonly<Record<string, unknown>> = {}) =>
      postGraphQL<Record<string, AuthResult>>(`${url}/graphql`, {
        query,
        variables,
        headers: { 'tributary-identity': identity },
      }),
    /** Ends it and gives its exit code and what it wrote. */
    stop: async () => {
      child.kill('SIGTERM');
      const [exitCode] = await exit;
      return { exitCode: Number(exitCode), log };
    },
  };
}

describe('the log', () => {
  it('has every request and no password, hash or token, whatever happens', async () => {
    const { ask, stop } = await startLoggedUsers(postgres.url('logged'));
    const password = 'S3cr3t-passphrase';
    const member = { username: 'logged', name: 'Logged', email: 'logged@example.org', password };
    let token: string | undefined;
    let failed: GraphQLAnswer | undefined;
    try {
      token = (await ask(signUpDocument, { input: member })).data?.['signUp']?.token;
      await ask(signUpDocument, { input: member });
      await ask(signUpDocument, { input: { ...member, email: 'wrong' } });
      await ask(signInDocument, { input: { username: 'logged', password } });
      await ask(signInDocument, { input: { username: 'logged', password: `${password}!` } });
      await ask(`mutation { signIn(input: { username: "logged", password: "${password}" }) { oops } }`);
      await ask(`mutation { signIn(input: { username: "logged", password: "${password}" `);
      await refuseCredentials(postgres.url('logged'));
      failed = await ask(signUpDocument, { input: { ...member, username: 'other', email: 'o@example.org' } });
    } finally {
      const { exitCode, log } = await stop();
      expect(exitCode).toBe(0);
      expect(log.match(/"event":"graphql_request"/g)).toHaveLength(8);
      expect(log).toContain('never_fulfilled');
      expect(log).not.toContain(password);
      expect(log).not.toContain('$argon2id$');
      expect(log).not.toMatch(/eyJ[\w-]+\./);
    }
    expect(token).toMatch(/^eyJ/);
    expect(onlyError(failed).code).toBe('INTERNAL_SERVER_ERROR');
  });
});

/** PostgreSQL tells of a violated check with the whole row that violated it. */
async function refuseCredentials(databaseUrl: string): Promise<void> {
  const sql = connect(databaseUrl, { max: 1 });
  await sql`alter table credentials add constraint never_fulfilled check (false) not valid`;
  await sql.end();
}
