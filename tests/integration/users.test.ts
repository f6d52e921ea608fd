import type { EmbeddedPostgres } from '@tributary/embedded-postgres';
import { readMetric, startTestPostgres } from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { idsTo, onlyError, type TestSubgraph } from '../support/start-test-subgraph.ts';
import { startTestUsers } from '../support/start-test-users.ts';

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

const anonymous = {};
const admin = { userId: '1', roles: ['ADMIN'] };
const moderator = { userId: '2', roles: ['MODERATOR'] };
const clementine = { userId: '3', roles: ['USER'] };

interface User {
  readonly id: string;
  readonly username: string;
  readonly name: string;
}

interface Connection {
  readonly edges: readonly { readonly node: User; readonly cursor: string }[];
  readonly pageInfo: Readonly<Record<string, unknown>>;
}

interface TestUser {
  readonly username: string;
  readonly name?: string;
  readonly role?: string;
  readonly createdAt?: string;
}

/** Puts users into the table; nobody has a password. */
async function insertUsers(rows: readonly TestUser[]): Promise<void> {
  await users.database.sql`
    insert into users (id, username, name, email, role, created_at, updated_at)
    select username, username, name, username || '@example.org', role, at, at
    from unnest(
      ${rows.map(({ username }) => username)}::text[], ${rows.map(({ name, username }) => name ?? username)}::text[],
      ${rows.map(({ role }) => role ?? 'USER')}::text[],
      ${rows.map(({ createdAt }) => createdAt ?? '2026-06-01T00:00:00Z')}::timestamptz[]
    ) as row (username, name, role, at)`;
}

const usernamesOf = (connection: Connection | undefined) =>
  connection?.edges.map(({ node }) => node.username) ?? [];

/** The names of the members that a filter lets through. */
async function usernamesFor(filter: object): Promise<readonly string[]> {
  const { data, errors } = await users.ask<{ users: Connection }>(
    'query ($filter: UserFilterInput) { users(first: 100, filter: $filter) { edges { node { username } } } }',
    { variables: { filter } },
  );
  expect(errors).toBeUndefined();
  return usernamesOf(data?.users);
}

describe('the members of jsonplaceholder', () => {
  it('keep their ids, in their order', async () => {
    const { data } = await users.ask<{ users: Connection }>(
      '{ users { edges { node { id username name } } } }',
    );
    expect(data?.users.edges.map(({ node }) => node.id)).toEqual(idsTo(10));
    expect(data?.users.edges[0]?.node).toEqual({ id: '1', username: 'Bret', name: 'Leanne Graham' });
  });

  it('have what a profile has', async () => {
    const { data } = await users.ask(
      `{ user(id: "1") {
        id username name bio website role city company { name catchPhrase } createdAt updatedAt
      } }`,
    );
    expect(data?.['user']).toEqual({
      id: '1',
      username: 'Bret',
      name: 'Leanne Graham',
      bio: null,
      website: 'https://hildegard.org/',
      role: 'ADMIN',
      city: 'Gwenborough',
      company: { name: 'Romaguera-Crona', catchPhrase: 'Multi-layered client-server neural-net' },
      createdAt: '2025-12-01T00:00:00.000Z',
      updatedAt: '2025-12-01T00:00:00.000Z',
    });
  });

  it('are an administrator, a moderator and eight others', async () => {
    const { data } = await users.ask<{ users: { edges: { node: { role: string } }[] } }>(
      '{ users(first: 10) { edges { node { role } } } }',
    );
    const roles = data?.users.edges.map(({ node }) => node.role);
    expect(roles).toEqual(['ADMIN', 'MODERATOR', ...Array.from({ length: 8 }, () => 'USER')]);
  });

  it('come into an empty database only, and have a password each', async () => {
    const again = await startTestUsers(postgres.url('users'));
    await again.stop();
    const counts = await users.database.sql`
      select (select count(*)::int from users where id ~ '^[0-9]+$') as users,
        (select count(*)::int from credentials) as credentials`;
    expect([...counts]).toEqual([{ users: 10, credentials: 10 }]);
  });
});

describe('a single member', () => {
  it('is found by id', async () => {
    const { data, statements } = await users.ask(
      '{ user(id: "3") { username } other: user(id: "4") { name } }',
    );
    expect(data).toEqual({ user: { username: 'Samantha' }, other: { name: 'Patricia Lebsack' } });
    expect(statements).toHaveLength(1);
  });

  it('is null when there is none of that id', async () => {
    expect((await users.ask('{ user(id: "none") { id } }')).data).toEqual({ user: null });
  });

  it('needs an id', async () => {
    expect(onlyError(await users.ask('{ user(id: "") { id } }'))).toMatchObject({
      code: 'BAD_USER_INPUT',
      message: 'Argument "id" must not be empty, but got ""',
    });
  });

  it('is never looked for by what a text cannot be', async () => {
    const answer = await users.ask(String.raw`{ user(id: "1\u0000") { id } }`);
    expect(onlyError(answer).code).toBe('BAD_USER_INPUT');
  });
});

describe('me', () => {
  it('is the caller, loaded once however often it is asked for', async () => {
    const { data, statements } = await users.ask(
      '{ me { id name } again: me { email } user(id: "3") { id } }',
      {
        as: clementine,
      },
    );
    expect(data).toEqual({
      me: { id: '3', name: 'Clementine Bauch' },
      again: { email: 'Nathan@yesenia.net' },
      user: { id: '3' },
    });
    expect(statements).toHaveLength(1);
  });

  it('is null, without a look into the database, when nobody signed in', async () => {
    const { data, statements } = await users.ask('{ me { id } }', { as: anonymous });
    expect(data).toEqual({ me: null });
    expect(statements).toEqual([]);
  });

  it('is null for a caller who is gone', async () => {
    const { data } = await users.ask('{ me { id } }', { as: { userId: 'gone' } });
    expect(data).toEqual({ me: null });
  });

  it('fails when the fetch carries no identity: nobody is not the same as not knowing who', async () => {
    const { data, ...answer } = await users.ask('{ me { id } }');
    expect(data).toEqual({ me: null });
    expect(onlyError(answer).code).toBe('INTERNAL_SERVER_ERROR');
  });
});

describe('what a member does not show to others', () => {
  const secret = '{ email birthday preferences }';
  const shown = { email: 'Nathan@yesenia.net', birthday: '1990-02-28', preferences: { theme: 'dark' } };
  const hidden = { email: null, birthday: null, preferences: null };

  beforeAll(async () => {
    await users.database.sql`
      update users set birthday = '1990-02-28', preferences = '{"theme":"dark"}' where id = '3'`;
  });

  it.each([
    ['somebody who did not sign in', anonymous, hidden],
    ['another member', { userId: '4', roles: ['USER'] }, hidden],
    ['a moderator', moderator, hidden],
    ['the member', clementine, shown],
    ['an administrator', admin, shown],
    ['somebody whose id is another text for the same number', { userId: '03', roles: ['USER'] }, hidden],
  ])('for %s', async (_who, as, expected) => {
    const one = await users.ask(`{ user(id: "3") ${secret} }`, { as });
    expect(one.data?.['user']).toEqual(expected);
    const listed = await users.ask(
      `{ users(filter: { username: "Samantha" }) { edges { node ${secret} } } }`,
      {
        as,
      },
    );
    expect(listed.data?.['users']).toEqual({ edges: [{ node: expected }] });
    for (const key of [{ id: '3' }, { username: 'Samantha' }]) {
      const representations = [{ __typename: 'User', ...key }];
      const referenced = await users.entities(representations, `... on User ${secret}`, { as });
      expect(referenced.data?._entities).toEqual([expected]);
    }
  });

  it('is not shown in a fetch that carries no identity, and that is an error', async () => {
    const { data, errors } = await users.ask(`{ user(id: "3") ${secret} }`);
    expect(data?.['user']).toEqual(hidden);
    expect(errors?.map(({ path }) => path?.join('.'))).toEqual([
      'user.email',
      'user.birthday',
      'user.preferences',
    ]);
  });
});

describe('references', () => {
  it('are resolved by either key, one statement for each', async () => {
    const representations = [
      { __typename: 'User', username: 'Antonette' },
      { __typename: 'User', id: '1' },
      { __typename: 'User', username: 'nobody' },
      { __typename: 'User', id: '10' },
      { __typename: 'User', id: 'nobody' },
      { __typename: 'User', username: 'Bret' },
      { __typename: 'User', id: '1' },
    ];
    const { data, errors, statements } = await users.entities<User>(
      representations,
      '... on User { id username }',
    );
    expect(errors).toBeUndefined();
    expect(data?._entities.map((user) => user?.id ?? null)).toEqual(['2', '1', null, '10', null, '1', '1']);
    expect(statements).toHaveLength(2);
  });

  it('take upper and lower case of a name for one', async () => {
    const { data } = await users.entities<User>(
      [
        { __typename: 'User', username: 'BRET' },
        { __typename: 'User', username: 'bret' },
      ],
      '... on User { username }',
    );
    expect(data?._entities).toEqual([{ username: 'Bret' }, { username: 'Bret' }]);
  });

  it.each([
    [10, 1],
    [100, 1],
    [101, 2],
    [250, 3],
  ])('%i of them take %i statements, for each key', async (count, expected) => {
    const byId = idsTo(count).map((id) => ({ __typename: 'User', id }));
    const answer = await users.entities<User>(byId, '... on User { id name }');
    expect(answer.data?._entities.map((user) => user?.id ?? null)).toEqual(
      idsTo(count).map((id) => (Number(id) <= 10 ? id : null)),
    );
    expect(answer.statements).toHaveLength(expected);
    const byUsername = idsTo(count).map((id) => ({ __typename: 'User', username: `member-${id}` }));
    const { statements } = await users.entities(byUsername, '... on User { id }');
    expect(statements).toHaveLength(expected);
  });

  it.each(['compiled', 'interpreted'])(
    'are read no further than they are asked for, %s',
    async (execution) => {
      const here = await startTestUsers(postgres.url('users'), { EXECUTION: execution });
      const query = `query ($representations: [_Any!]!, $isWhole: Boolean!) {
      _entities(representations: $representations) {
        ... on User { __typename id username name role bio @include(if: $isWhole) }
      }
    }`;
      try {
        for (const isWhole of [false, true, false]) {
          const representations = idsTo(2).map((id) => ({ __typename: 'User', id }));
          const { data, statements } = await here.ask<{ _entities: readonly object[] }>(query, {
            variables: { representations, isWhole },
          });
          expect(statements.map((statement) => statement.includes('bio'))).toEqual([isWhole]);
          expect(data?._entities[0]).toEqual({
            __typename: 'User',
            id: '1',
            username: 'Bret',
            name: 'Leanne Graham',
            role: 'ADMIN',
            ...(isWhole && { bio: null }),
          });
        }
      } finally {
        await here.stop();
      }
    },
  );

  it('are one statement each when batching is off, with the same answer', async () => {
    const naive = await startTestUsers(postgres.url('users'), { BATCHING: 'false' });
    try {
      const representations = idsTo(10).map((id) => ({ __typename: 'User', id }));
      const batched = await users.entities(representations, '... on User { name }');
      const unbatched = await naive.entities(representations, '... on User { name }');
      expect(unbatched.data).toEqual(batched.data);
      expect([batched.statements.length, unbatched.statements.length]).toEqual([1, 10]);
    } finally {
      await naive.stop();
    }
  });

  it('count in the metric that operators watch', async () => {
    const labels = { subgraph: 'users' };
    const before = await readMetric(users.url, 'tributary_sql_statements_total', labels);
    await users.entities([{ __typename: 'User', id: '1' }], '... on User { name }');
    expect((await readMetric(users.url, 'tributary_sql_statements_total', labels)) - before).toBe(1);
  });
});

describe('lists', () => {
  it.each([
    ['at different moments', (n: number) => `2030-01-01T00:00:${String(n).padStart(2, '0')}Z`],
    ['all at one moment', () => '2031-01-01T00:00:00Z'],
  ])('of members who signed up %s hold each of them once, in order', async (_name, createdAtOf) => {
    const prefix = `walk${createdAtOf(1).slice(0, 4)}`;
    const names = Array.from({ length: 23 }, (_, n) => `${prefix}-${String(n).padStart(2, '0')}`);
    await insertUsers(names.map((username, n) => ({ username, createdAt: createdAtOf(n) })));
    const seen: string[] = [];
    let after: string | null = null;
    for (let page = 1; page === 1 || after !== null; page += 1) {
      const answer: { data?: { users: Connection } | null } = await users.ask(
        `query ($after: String, $filter: UserFilterInput) { users(first: 5, after: $after, filter: $filter) {
          edges { node { username } cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        } }`,
        { variables: { after, filter: { nameContains: prefix } } },
      );
      const { edges = [], pageInfo = {} } = answer.data?.users ?? {};
      seen.push(...edges.map(({ node }) => node.username));
      expect(pageInfo).toEqual({
        hasNextPage: page < 5,
        hasPreviousPage: page > 1,
        startCursor: edges.at(0)?.cursor,
        endCursor: edges.at(-1)?.cursor,
      });
      after = pageInfo['hasNextPage'] === true ? (edges.at(-1)?.cursor ?? null) : null;
    }
    expect(seen).toEqual(names);
  });

  it('do not shift when somebody signs up in between', async () => {
    const { data: first } = await users.ask<{ users: Connection }>(
      '{ users(first: 2) { edges { node { username } cursor } } }',
    );
    await insertUsers([{ username: 'in-between' }]);
    const { data: second } = await users.ask<{ users: Connection }>(
      'query ($after: String) { users(first: 2, after: $after) { edges { node { username } } } }',
      { variables: { after: first?.users.edges.at(-1)?.cursor } },
    );
    expect(usernamesOf(second?.users)).toEqual(['Samantha', 'Karianne']);
  });

  it('without members have no cursors', async () => {
    const { data } = await users.ask(
      `{ users(filter: { username: "nobody" }) {
        edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      } }`,
    );
    expect(data?.['users']).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });

  it.each([0, 101, -1])('refuse a page of %i', async (first) => {
    const answer = await users.ask(`{ users(first: ${first}) { edges { cursor } } }`);
    expect(onlyError(answer)).toEqual({
      count: 1,
      code: 'BAD_USER_INPUT',
      message: `Argument "first" must be from 1 to 100, but got ${first}`,
    });
  });

  it('give up to 100 at once, 20 when nothing is said', async () => {
    const sizeOf = async (args: string) =>
      usernamesOf(
        (await users.ask<{ users: Connection }>(`{ users${args} { edges { node { username } } } }`)).data
          ?.users,
      ).length;
    expect(await sizeOf('(first: 100)')).toBeGreaterThan(20);
    expect(await sizeOf('')).toBe(20);
    expect(await sizeOf('(first: null)')).toBe(20);
  });

  it.each(['', 'nonsense', Buffer.from('["yesterday","1"]').toString('base64url')])(
    'refuse the cursor "%s"',
    async (after) => {
      const answer = await users.ask('query ($after: String) { users(after: $after) { edges { cursor } } }', {
        variables: { after },
      });
      expect(onlyError(answer)).toMatchObject({
        code: 'BAD_USER_INPUT',
        message: `Argument "after" must be a cursor that this list gave, but got "${after}"`,
      });
    },
  );
});

describe('filters', () => {
  const seeded = { createdBefore: '2026-01-01T00:00:00Z' };

  it('by role', async () => {
    expect(await usernamesFor({ role: 'ADMIN' })).toEqual(['Bret']);
    expect(await usernamesFor({ role: 'MODERATOR' })).toEqual(['Antonette']);
  });

  it('by username, whatever its case, as a whole', async () => {
    expect(await usernamesFor({ username: 'bRET' })).toEqual(['Bret']);
    expect(await usernamesFor({ username: 'Bre' })).toEqual([]);
    expect(await usernamesFor({ username: 'B%' })).toEqual([]);
  });

  it('by a part of the name, whatever its case', async () => {
    expect(await usernamesFor({ nameContains: 'CLEMENTIN' })).toEqual(['Samantha', 'Moriah.Stanton']);
  });

  it('by when they signed up: the first moment counts, the last one does not', async () => {
    const filter = { createdAfter: '2025-12-02T00:00:00Z', createdBefore: '2025-12-04T00:00:00Z' };
    expect(await usernamesFor(filter)).toEqual(['Antonette', 'Samantha']);
    expect(await usernamesFor({ createdAfter: '2025-12-02T01:00:00+01:00', ...seeded })).toHaveLength(9);
  });

  it('all conditions of one must hold', async () => {
    expect(await usernamesFor({ role: 'USER', nameContains: 'Clementin', username: 'samantha' })).toEqual([
      'Samantha',
    ]);
    expect(await usernamesFor({ role: 'ADMIN', nameContains: 'Clementin' })).toEqual([]);
  });

  it('one of "or" must hold, all of "and"', async () => {
    expect(await usernamesFor({ or: [{ role: 'ADMIN' }, { username: 'kamren' }] })).toEqual([
      'Bret',
      'Kamren',
    ]);
    const nested = {
      and: [seeded, { or: [{ nameContains: 'Clementin' }, { nameContains: 'Patricia' }] }],
      or: [
        { username: 'samantha' },
        { and: [{ username: 'karianne' }, { role: 'USER' }] },
        { role: 'ADMIN' },
      ],
    };
    expect(await usernamesFor(nested)).toEqual(['Samantha', 'Karianne']);
  });

  it('an empty "or" lets nobody through, an empty "and" or filter everybody', async () => {
    expect(await usernamesFor({ ...seeded, or: [] })).toEqual([]);
    expect(await usernamesFor({ ...seeded, and: [] })).toHaveLength(10);
    expect(await usernamesFor({ ...seeded, or: [{}] })).toHaveLength(10);
  });

  it('null is the same as left out', async () => {
    const filter = {
      role: null,
      username: null,
      nameContains: null,
      createdAfter: null,
      and: null,
      or: null,
    };
    expect(await usernamesFor({ ...filter, ...seeded })).toHaveLength(10);
  });

  it('take at most 50 conditions', async () => {
    const filterOf = (count: number) => ({ or: Array.from({ length: count }, () => ({ role: 'ADMIN' })) });
    expect(await usernamesFor(filterOf(25))).toEqual(['Bret']);
    const answer = await users.ask(
      'query ($filter: UserFilterInput) { users(filter: $filter) { edges { cursor } } }',
      { variables: { filter: filterOf(26) } },
    );
    expect(onlyError(answer)).toMatchObject({
      code: 'BAD_USER_INPUT',
      message: 'Argument "filter" must have at most 50 conditions, but got 52',
    });
  });

  it('find wildcards as the characters that they are', async () => {
    await insertUsers([
      { username: 'like-1', name: '100% Ada' },
      { username: 'like-2', name: '1000 Ada' },
      { username: 'like-3', name: 'under_score' },
      { username: 'like-4', name: 'underXscore' },
      { username: 'like-5', name: String.raw`back\slash` },
    ]);
    expect(await usernamesFor({ nameContains: '100%' })).toEqual(['like-1']);
    expect(await usernamesFor({ nameContains: 'r_s' })).toEqual(['like-3']);
    expect(await usernamesFor({ nameContains: '\\' })).toEqual(['like-5']);
  });

  it.each([
    `' or true --`,
    `'; drop table users; --`,
    `") or (true`,
    `$1`,
    `\\' or 1=1 --`,
    `' union select user_id, password_hash from credentials --`,
  ])('take %s for a text', async (text) => {
    expect(await usernamesFor({ username: text })).toEqual([]);
    expect(await usernamesFor({ nameContains: text })).toEqual([]);
    expect(
      (await users.ask('query ($id: ID!) { user(id: $id) { id } }', { variables: { id: text } })).data,
    ).toEqual({
      user: null,
    });
    const representations = [
      { __typename: 'User', id: text },
      { __typename: 'User', username: text },
    ];
    expect((await users.entities(representations, '... on User { id }')).data?._entities).toEqual([
      null,
      null,
    ]);
    expect(await usernamesFor(seeded)).toHaveLength(10);
  });
});

describe('a profile', () => {
  const update = async (input: object, as: object) => {
    const { data, errors } = await users.ask<{ updateProfile: Record<string, unknown> }>(
      `mutation ($input: UpdateProfileInput!) {
        updateProfile(input: $input) {
          __typename
          ... on User {
            id name email bio website city company { name catchPhrase } birthday preferences createdAt updatedAt
          }
          ... on Problem { code message }
          ... on InvalidInput { fields { path code message } }
        }
      }`,
      { variables: { input }, as },
    );
    return { result: data?.updateProfile, errors };
  };
  const full = {
    name: 'Ada Lovelace',
    email: 'ada@example.org',
    bio: 'Poetical science',
    website: 'https://example.org/ada',
    city: 'London',
    company: { name: 'Analytical Engines', catchPhrase: 'We weave algebraical patterns' },
    birthday: '1915-12-10',
    preferences: { theme: 'dark', nested: [1, { a: null }] },
  };
  let number = 0;
  let as = { userId: '', roles: ['USER'] };

  /** A member of their own for each test. */
  const createMember = async () => {
    number += 1;
    await insertUsers([{ username: `profile-${number}` }]);
    as = { userId: `profile-${number}`, roles: ['USER'] };
    await users.database.sql`
      update users set bio = 'Old bio', city = 'Old city', website = 'https://old.example/', birthday = '1901-01-01',
        company_name = 'Old company', company_catch_phrase = 'Old phrase', preferences = '{"old":true}'
      where id = ${as.userId}`;
  };

  it('changes as its owner says', async () => {
    await createMember();
    const { result } = await update(full, as);
    expect(result).toMatchObject({ __typename: 'User', id: as.userId, ...full });
    expect(Date.parse(String(result?.['updatedAt']))).toBeGreaterThan(
      Date.parse(String(result?.['createdAt'])),
    );
    const { data } = await users.ask('{ me { name email city preferences } }', { as });
    expect(data?.['me']).toEqual({
      name: full.name,
      email: full.email,
      city: full.city,
      preferences: full.preferences,
    });
  });

  it('keeps what is left out', async () => {
    await createMember();
    const { result } = await update({ bio: 'New bio' }, as);
    expect(result).toMatchObject({
      name: as.userId,
      email: `${as.userId}@example.org`,
      bio: 'New bio',
      website: 'https://old.example/',
      city: 'Old city',
      company: { name: 'Old company', catchPhrase: 'Old phrase' },
      birthday: '1901-01-01',
      preferences: { old: true },
    });
  });

  it('loses what is null', async () => {
    await createMember();
    const cleared = {
      bio: null,
      website: null,
      city: null,
      company: null,
      birthday: null,
      preferences: null,
    };
    const { result } = await update(cleared, as);
    expect(result).toMatchObject({ __typename: 'User', name: as.userId, ...cleared });
  });

  it('replaces a company as a whole', async () => {
    await createMember();
    const { result } = await update({ company: { name: 'New company' } }, as);
    expect(result?.['company']).toEqual({ name: 'New company', catchPhrase: null });
  });

  it('keeps everything when a member takes away what they must have', async () => {
    await createMember();
    const { result } = await update({ name: null, email: null, bio: 'New bio' }, as);
    expect(result).toEqual({
      __typename: 'InvalidInput',
      code: 'BAD_USER_INPUT',
      message:
        'name: must not be null: a member has a name; leave it out to keep it; ' +
        'email: must not be null: a member has an address; leave it out to keep it',
      fields: [
        {
          path: ['name'],
          code: 'INVALID_INPUT',
          message: 'must not be null: a member has a name; leave it out to keep it',
        },
        {
          path: ['email'],
          code: 'INVALID_INPUT',
          message: 'must not be null: a member has an address; leave it out to keep it',
        },
      ],
    });
    const { data } = await users.ask('{ me { bio } }', { as });
    expect(data?.['me']).toEqual({ bio: 'Old bio' });
  });

  it.each([
    ['website', 'javascript:alert(1)'],
    ['bio', ''],
    ['city', 'x'.repeat(101)],
    ['birthday', '1815-12-10'],
    ['preferences', ['not an object']],
    ['preferences', { text: 'x'.repeat(10_000) }],
  ])('refuses a wrong %s and says which it was', async (field, value) => {
    await createMember();
    const { result } = await update({ [field]: value }, as);
    expect(result).toMatchObject({
      __typename: 'InvalidInput',
      fields: [{ path: [field], code: 'INVALID_INPUT' }],
    });
  });

  it('keeps preferences as they were given, whatever characters are in them', async () => {
    await createMember();
    const preferences = { b: 'nul \u0000', a: '\u{1F600} "quotes" \\ ', c: '$1', deep: [[[[[[[[]]]]]]]] };
    const { result } = await update({ preferences }, as);
    expect(result?.['preferences']).toEqual(preferences);
    expect(Object.keys(result?.['preferences'] as object)).toEqual(['b', 'a', 'c', 'deep']);
  });

  it('cannot take the address of another member, in any case', async () => {
    await createMember();
    const { result } = await update({ email: 'SINCERE@april.biz', bio: 'New bio' }, as);
    expect(result).toEqual({
      __typename: 'Conflict',
      code: 'CONFLICT',
      message: 'The email "SINCERE@april.biz" is taken',
    });
    const { data } = await users.ask('{ me { email bio } }', { as });
    expect(data?.['me']).toEqual({ email: `${as.userId}@example.org`, bio: 'Old bio' });
  });

  it('may write its own address in another case', async () => {
    await createMember();
    const { result } = await update({ email: `${as.userId.toUpperCase()}@example.org` }, as);
    expect(result).toMatchObject({ __typename: 'User', email: `${as.userId.toUpperCase()}@example.org` });
  });

  it('has neither a username nor a role that can be changed', async () => {
    const { status, errors } = await users.ask(
      'mutation { updateProfile(input: { username: "new", role: ADMIN }) { __typename } }',
      { as },
    );
    expect(status).toBe(400);
    expect(errors?.map(({ message }) => message)).toEqual([
      'Field "username" is not defined by type "UpdateProfileInput". Did you mean "name"?',
      'Field "role" is not defined by type "UpdateProfileInput".',
    ]);
  });

  it('is shown as it is now when it was read before in the same request', async () => {
    await createMember();
    const { data } = await users.ask(
      `mutation { a: updateProfile(input: { city: "Paris" }) { ... on User { city } }
        b: updateProfile(input: { city: "Rome" }) { ... on User { city } } }`,
      { as },
    );
    expect(data).toEqual({ a: { city: 'Paris' }, b: { city: 'Rome' } });
  });

  it('of somebody who did not sign in does not change', async () => {
    const { result, errors } = await update({ bio: 'New bio' }, anonymous);
    expect(result).toBeUndefined();
    expect(errors?.map(({ message, extensions }) => [extensions?.['code'], message])).toEqual([
      ['UNAUTHENTICATED', 'Sign in to do this'],
    ]);
  });

  it('of a member who is gone is not found', async () => {
    expect((await update({ bio: 'New bio' }, { userId: 'gone' })).result).toEqual({
      __typename: 'NotFound',
      code: 'NOT_FOUND',
      message: 'There is no such member any more',
    });
  });
});
