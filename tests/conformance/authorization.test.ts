import type { MemorySupergraph } from '@tributary/testkit';
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { needs, startGuardedSupergraph } from '../support/guarded-supergraph.ts';
import { startTestGateway, startTokenIssuer, type TestGateway } from '../support/start-test-gateway.ts';

let supergraph: MemorySupergraph;
let issuer: Awaited<ReturnType<typeof startTokenIssuer>>;
let gateway: TestGateway;

beforeAll(async () => {
  supergraph = await startGuardedSupergraph();
  issuer = await startTokenIssuer();
  gateway = await startTestGateway(supergraph, { JWT_JWKS_URL: issuer.jwksUrl });
});
afterAll(async () => {
  await gateway?.stop();
  await issuer?.stop();
  await supergraph?.stop();
});

const subgraphs = ['accounts', 'letters', 'envelopes', 'reviews'] as const;
const requestsTo = (name: (typeof subgraphs)[number]) => supergraph.subgraph(name).requests;
let before: Map<string, number>;
beforeEach(() => {
  before = new Map(subgraphs.map((name) => [name, requestsTo(name).length]));
});
/** What subgraphs were asked since the test began. */
const asked = () =>
  subgraphs.flatMap((name) =>
    requestsTo(name)
      .slice(before.get(name))
      .map(({ query }) => query),
  );

/** Scopes, separated by spaces; `undefined` for a caller without a token. */
type Scope = string | undefined;
const query = async (text: string, scope?: Scope) => {
  const headers: Record<string, string> =
    scope === undefined ? {} : { authorization: `Bearer ${await issuer.sign({ scope, roles: [] })}` };
  return gateway.query(text, { headers });
};
/** The data, and the places of refusals; any other error fails the test. */
const ask = async (text: string, scope?: Scope) => {
  const { status, body } = await query(text, scope);
  expect(status).toBe(200);
  for (const { message, extensions } of body.errors ?? []) {
    expect({ message, code: extensions['code'] }).toEqual({
      message: 'Unauthorized field or type',
      code: 'UNAUTHORIZED_FIELD_OR_TYPE',
    });
  }
  return { data: body.data, refused: (body.errors ?? []).map(({ path }) => path?.join('.')) };
};

describe('a field that the caller may not see is null, with an error', () => {
  it.each<[string, string, unknown, readonly string[]]>([
    ['itself', '{ user(id: "u1") { name email } }', { user: { name: 'Ada', email: null } }, ['user.email']],
    ['under an alias', '{ user(id: "u1") { name: email } }', { user: { name: null } }, ['user.name']],
    [
      'under the alias of a field that everybody may see, beside it',
      '{ user(id: "u1") { id name x: email } u: user(id: "u2") { x: name } }',
      { user: { id: 'u1', name: 'Ada', x: null }, u: { x: 'Grace' } },
      ['user.x'],
    ],
    [
      'in a list',
      '{ users { email } }',
      { users: [{ email: null }, { email: null }] },
      ['users.0.email', 'users.1.email'],
    ],
    [
      'behind an interface',
      '{ nodes { id ... on User { email } ... on Book { isbn } } }',
      {
        nodes: [
          { id: 'u1', email: null },
          { id: 'u2', email: null },
          null,
          { id: 'b1', isbn: null },
          { id: 'f1' },
        ],
      },
      ['nodes.0.email', 'nodes.1.email', 'nodes.2', 'nodes.3.isbn'],
    ],
    [
      'behind a union, in a named fragment in a named fragment',
      '{ found { ...f } } fragment f on Found { ...g } fragment g on User { email }',
      { found: [{ email: null }, null, {}] },
      ['found.0.email', 'found.1'],
    ],
    [
      'of an interface object',
      '{ media { title stars notes } }',
      {
        media: [
          { title: 'Book', stars: 5, notes: null },
          { title: 'Film', stars: 5, notes: null },
        ],
      },
      ['media.0.notes', 'media.1.notes'],
    ],
    [
      'of an interface object, at an implementation',
      '{ node(id: "f1") { ... on Film { stars notes } } }',
      { node: { stars: 5, notes: null } },
      ['node.notes'],
    ],
    [
      'computed from one',
      '{ user(id: "u1") { address seal } }',
      { user: { address: null, seal: null } },
      ['user.address', 'user.seal'],
    ],
    [
      'computed from one that is computed from one',
      '{ user(id: "u1") { envelope } }',
      { user: { envelope: null } },
      ['user.envelope'],
    ],
    [
      'given by a context',
      '{ user(id: "u1") { greeting { id text } } }',
      { user: { greeting: { id: 'u1', text: null } } },
      ['user.greeting.text'],
    ],
    [
      'that may not be null: then its parent is',
      '{ report { nested { secret } open } }',
      { report: { nested: null, open: 'open' } },
      ['report.nested.secret'],
    ],
    ['that may not be null, nor its parent', '{ report { secret } }', null, ['report.secret']],
    [
      'beneath a condition that holds',
      '{ user(id: "u1") { email @include(if: true) } }',
      { user: { email: null } },
      ['user.email'],
    ],
    [
      'beneath a condition that does not',
      '{ user(id: "u1") { id email @skip(if: true) } }',
      { user: { id: 'u1' } },
      [],
    ],
  ])('%s', async (_title, text, data, refused) => {
    expect(await ask(text)).toEqual({ data, refused });
    expect(asked().join('\n')).not.toMatch(/\b(email|isbn|notes|address|seal|envelope|text|secret)\b/);
  });
});

describe('a type that the caller may not see', () => {
  it.each<[string, string, unknown, readonly string[]]>([
    ['is not asked for', '{ vault { id gold } }', { vault: null }, ['vault']],
    [
      'is not even said to be there',
      '{ vault { __typename } vaults { __typename } }',
      { vault: null, vaults: null },
      ['vault', 'vaults'],
    ],
    [
      'is null behind an interface',
      `{ node(id: "${needs.user}") { id __typename } }`,
      { node: null },
      ['node'],
    ],
    [
      'is null within a union',
      '{ found { __typename } }',
      { found: [{ __typename: 'User' }, null, { __typename: 'Book' }] },
      ['found.1'],
    ],
    [
      'does not lead on to what everybody may see',
      '{ vault { owner { name } } user(id: "u1") { name } }',
      { vault: null, user: { name: 'Ada' } },
      ['vault'],
    ],
  ])('%s', async (_title, text, data, refused) => {
    expect(await ask(text)).toEqual({ data, refused });
  });

  it('may be seen while a field of it may not', async () => {
    expect(await ask('{ vault { id gold } }', '')).toEqual({
      data: { vault: { id: needs.user, gold: null } },
      refused: ['vault.gold'],
    });
  });
});

describe('what a caller needs', () => {
  const text = '{ user(id: "u1") { email badge seal } vault { gold } }';
  it.each<[string, Scope, readonly string[]]>([
    ['no token', undefined, ['user.email', 'user.badge', 'user.seal', 'vault']],
    ['a token without scopes', '', ['user.badge', 'user.seal', 'vault.gold']],
    ['half of a set', 'badges', ['user.badge', 'user.seal', 'vault.gold']],
    ['another half of it', 'read gold', ['user.badge', 'user.seal']],
    ['a whole set', 'read badges', ['vault.gold']],
    ['another whole set', 'admin', ['vault.gold']],
    [
      'scopes of similar names',
      'Admin administrator badges,read golden',
      ['user.badge', 'user.seal', 'vault.gold'],
    ],
    ['everything', 'admin gold', []],
  ])('is decided by scopes: %s', async (_title, scope, refused) => {
    const answer = await ask(text, scope);
    expect(answer.refused).toEqual(refused);
  });

  it('is nothing more than the rights: then the answer is whole', async () => {
    expect(
      (
        await ask(
          '{ user(id: "u1") { email badge address seal envelope greeting { text } } vault { gold owner { name } } }',
          'admin gold',
        )
      ).data,
    ).toEqual({
      user: {
        email: 'Ada@needs:user',
        badge: 'Ada needs:badges',
        address: 'to Ada@needs:user',
        seal: 'Ada@needs:user Ada needs:badges',
        envelope: 'envelope to Ada@needs:user',
        greeting: { text: 'Hello Ada@needs:user' },
      },
      vault: { gold: needs.gold, owner: { name: 'Ada' } },
    });
  });

  it('is told to nobody: the error is the same whatever is missing, and for whatever is asked', async () => {
    const errors = await Promise.all(
      [undefined, '', 'badges', 'golden'].map(async (scope) => {
        const { body } = await query('{ user(id: "u1") { seal } }', scope);
        return body.errors?.map((error) => {
          const { requestId, timestamp, ...extensions } = error.extensions;
          expect([requestId, timestamp]).toEqual([expect.any(String), expect.any(String)]);
          return { ...error, extensions };
        });
      }),
    );
    expect(new Set(errors.map((error) => JSON.stringify(error))).size).toBe(1);
    expect(JSON.stringify(errors)).not.toMatch(/badges|admin|seal"?:|scope/);
    const unknown = await query('{ user(id: "nobody") { email } }');
    expect(unknown.body).toEqual({ data: { user: null } });
  });

  it('for a policy is somebody who grants it; whoever fails grants nothing, and it is logged', async () => {
    const text = '{ user(id: "u1") { pass } }';
    const grants = { isDown: false };
    const own = await startTestGateway(
      supergraph,
      { JWT_JWKS_URL: issuer.jwksUrl },
      {
        evaluatePolicies: async ({ sub }, policies) => {
          if (grants.isDown) throw new Error('the policies are out of reach');
          return sub === 'u1' ? policies : [];
        },
      },
    );
    const headers = { authorization: `Bearer ${await issuer.sign()}` };
    expect((await own.query(text, { headers })).body.data).toEqual({ user: { pass: needs.guard } });
    expect((await own.query(text)).body.data).toEqual({ user: null });
    grants.isDown = true;
    expect((await own.query(text, { headers })).body.data).toEqual({ user: null });
    expect(own.log).toContainEqual(
      expect.objectContaining({ level: 'error', msg: 'policies were not evaluated, so none is granted' }),
    );
    await own.stop();
  });

  it('for a policy is nothing that a token could say: nobody has it by default', async () => {
    expect((await ask('{ user(id: "u1") { pass } }', 'admin gold guard')).data).toEqual({ user: null });
  });
});

describe('a mutation', () => {
  it('that the caller may not run does not run, and the others do', async () => {
    const text =
      'mutation { burn(id: "u1") rename(id: "u1", name: "Augusta") { name email } again: burn(id: "u2") }';
    expect(await ask(text)).toEqual({
      data: { burn: null, rename: { name: 'Augusta', email: null }, again: null },
      refused: ['burn', 'rename.email', 'again'],
    });
    expect(asked()).toHaveLength(1);
    expect(asked().join()).not.toContain('burn');
  });

  it('that returns what the caller may not see does not run either', async () => {
    expect(await ask('mutation { open(id: "v1") { id } }')).toEqual({
      data: { open: null },
      refused: ['open'],
    });
    expect(asked()).toEqual([]);
  });

  it('runs for those who may', async () => {
    expect(await ask('mutation { burn(id: "u1") }', 'mutate admin')).toEqual({
      data: { burn: true },
      refused: [],
    });
  });
});

it('leaves introspection as it is, for everybody', async () => {
  const { data, refused } = await ask(getIntrospectionQuery());
  expect(refused).toEqual([]);
  expect(data).toEqual((await ask(getIntrospectionQuery(), 'admin gold')).data);
  expect(JSON.stringify(data)).toContain('"name":"gold"');
});

it.each([
  '{ _entities(representations: [{ __typename: "User", id: "u1" }]) { __typename } }',
  '{ _service { sdl } }',
])('has no way around it that only gateways know: %s', async (text) => {
  const { body } = await query(text, 'admin gold');
  expect(body.errors?.map(({ extensions }) => extensions['code'])).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  expect(asked()).toEqual([]);
});

it('asks nobody when nothing is left to ask', async () => {
  expect(await ask('{ vault { id } __typename }')).toEqual({
    data: { vault: null, __typename: 'Query' },
    refused: ['vault'],
  });
  expect(asked()).toEqual([]);
});

it.each([
  '{ user(id: "u1") { name ... @defer { email envelope } } }',
  '{ users { id ...later @defer(label: "later") } } fragment later on User { x: email seal greeting { text } }',
  '{ found { __typename ... @defer { ... on User { email } ... on Vault { id gold } } } }',
])('is not asked for later either: %s', async (text) => {
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'multipart/mixed;deferSpec=20220824, application/json',
    },
    body: JSON.stringify({ query: text }),
  });
  const answer = await response.text();
  expect(answer).toContain('UNAUTHORIZED_FIELD_OR_TYPE');
  expect(answer).not.toContain('needs:');
  expect(asked().join()).not.toMatch(/email|envelope|seal|text|gold/);
});

it('is refused whole by the reference engine, which cannot leave fields out', async () => {
  const stock = await startTestGateway(supergraph, { JWT_JWKS_URL: issuer.jwksUrl, ENGINE: 'apollo' });
  const text = '{ users { name email } }';
  const { body } = await stock.query(text);
  expect(body.data).toBeNull();
  expect(body.errors?.map(({ extensions }) => extensions['code'])).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE']);
  expect(asked()).toEqual([]);
  const headers = { authorization: `Bearer ${await issuer.sign()}` };
  expect((await stock.query(text, { headers })).body.data).toEqual((await ask(text, '')).data);
  await stock.stop();
});

it('decides anew for every caller of one operation', async () => {
  const text = '{ user(id: "u1") { id email badge } }';
  const scopes = [undefined, 'admin', '', 'badges read', undefined, 'admin', ''];
  const answers = await Promise.all(scopes.map((scope) => ask(text, scope)));
  expect(answers.map(({ refused }) => refused.length)).toEqual([2, 0, 1, 0, 2, 0, 1]);
});

it('sends identity only where something depends on it', async () => {
  const identities = async (text: string, scope?: Scope) => {
    const before = supergraph.subgraph('accounts').requests.length;
    await query(text, scope);
    return supergraph
      .subgraph('accounts')
      .requests.slice(before)
      .map(({ headers }) => 'tributary-identity' in headers);
  };
  expect(await identities('{ users { name friends { id } } }', 'admin')).toEqual([false]);
  expect(await identities('{ mine { name } }', 'admin')).toEqual([true]);
  expect(await identities('{ users { email } }', 'admin')).toEqual([true]);
  expect(await identities('mutation { rename(id: "u1", name: "A") { name } }')).toEqual([true]);
});
