import { getIntrospectionQuery, parse } from 'graphql';
import { describe, expect, it, vi } from 'vitest';

import { anonymous, type Principal } from '../identity/principal.ts';
import { createAuthorizer, type AuthorizerOptions, type KeyedRefusals } from './create-authorizer.ts';
import { composeForTest, supergraphOf } from './supergraph.test-support.ts';

const user = (...scopes: readonly string[]): Principal => ({ sub: 'u1', roles: [], scopes });

type Schemas = Readonly<Record<string, string>> | string;

/** What an operation has refused of some coordinates, for a caller. */
function createAsk(schemas: Schemas, options: AuthorizerOptions = {}) {
  const supergraph = typeof schemas === 'string' ? { document: parse(schemas) } : supergraphOf(schemas);
  const authorizer = createAuthorizer(supergraph, options);
  const refusalsFor = (operation: string, principal: Principal) =>
    authorizer.refusalsFor(authorizer.needsOf(parse(operation)), principal);
  return {
    authorizer,
    refusalsFor: (operation: string, principal: Principal) =>
      refusalsFor(operation, principal) as KeyedRefusals | undefined,
    refused: async (operation: string, principal: Principal, ...coordinates: readonly string[]) => {
      const refusals = await refusalsFor(operation, principal);
      return coordinates.filter((coordinate) => {
        const [type = '', field = ''] = coordinate.split('.');
        return refusals?.isRefused(type, field);
      });
    },
  };
}

describe('what a caller must have', () => {
  const { refused } = createAsk({
    a: `type Query {
      open: Int
      signedIn: Int @authenticated
      all: Int @requiresScopes(scopes: [["a", "b"]])
      either: Int @requiresScopes(scopes: [["a", "b"], ["c"]])
      both: Int @authenticated @requiresScopes(scopes: [["a"]])
    }`,
  });
  const operation = '{ open signedIn all either both }';
  const all = ['Query.open', 'Query.signedIn', 'Query.all', 'Query.either', 'Query.both'];

  it.each<[string, Principal, readonly string[]]>([
    ['nobody', anonymous, ['Query.signedIn', 'Query.all', 'Query.either', 'Query.both']],
    ['a user', user(), ['Query.all', 'Query.either', 'Query.both']],
    ['one scope of a list', user('a'), ['Query.all', 'Query.either']],
    ['another one of it', user('b'), ['Query.all', 'Query.either', 'Query.both']],
    ['a list of one', user('c'), ['Query.all', 'Query.both']],
    [
      'scopes that contain the names of others',
      user('aa', 'ab', 'a b', 'cc'),
      ['Query.all', 'Query.either', 'Query.both'],
    ],
    ['everything', user('a', 'b'), []],
    ['scopes without a user', { ...anonymous, scopes: ['a', 'b'] }, ['Query.signedIn', 'Query.both']],
  ])('with %s', async (_title, principal, expected) => {
    expect(await refused(operation, principal, ...all)).toEqual(expected);
  });

  it('is all of what subgraphs ask that share a field', async () => {
    const shared = createAsk({
      a: 'type Query { x: Int @shareable @requiresScopes(scopes: [["a"]]) }',
      b: 'type Query { x: Int @shareable @authenticated @requiresScopes(scopes: [["b"]]) }',
      c: 'type Query { x: Int @shareable }',
    });
    expect(await shared.refused('{ x }', user('a'), 'Query.x')).toEqual(['Query.x']);
    expect(await shared.refused('{ x }', user('a', 'b'), 'Query.x')).toEqual([]);
  });

  it('is nothing that anybody has, where a list is empty', async () => {
    const sdl = composeForTest({ a: 'type Query { x: Int @requiresScopes(scopes: [["a"]]) }' });
    for (const scopes of ['[]', '[[]]']) {
      const { refused } = createAsk(sdl.replace('[["a"]]', scopes));
      expect(await refused('{ x }', user('a'), 'Query.x')).toEqual(['Query.x']);
    }
  });
});

describe('where requirements stand', () => {
  const { refused, refusalsFor } = createAsk({
    a: `
      type Query { node: Node nodes: [Node!]! found: Found user: User vault: Vault vaults: [Vault!]! closed: Closed }
      interface Node { id: ID! name: String }
      interface Closed { x: Int }
      type User implements Node { id: ID! name: String @requiresScopes(scopes: [["name"]]) email: String @authenticated }
      type Robot implements Node { id: ID! name: String }
      type Vault @authenticated { id: ID! gold: Int @requiresScopes(scopes: [["gold"]]) }
      type A implements Closed @authenticated { x: Int }
      type B implements Closed @requiresScopes(scopes: [["b"]]) { x: Int }
      union Found = User | Vault | Robot
    `,
  });

  it('at an implementation, for a field of its interface: the others keep theirs', async () => {
    expect(
      await refused('{ node { id name } }', anonymous, 'User.name', 'Robot.name', 'User.id', 'Query.node'),
    ).toEqual(['User.name']);
  });

  it.each([
    ['by an alias', '{ user { x: email } }'],
    ['in an inline fragment', '{ node { ... on User { email } } }'],
    ['in inline fragments within each other', '{ node { ... on Node { ... { ... on User { email } } } } }'],
    ['in a fragment of an interface', '{ nodes { ...f } } fragment f on Node { ... on User { email } }'],
    [
      'in a fragment of a union',
      '{ found { ...f } } fragment f on Found { ...g } fragment g on User { email }',
    ],
    ['beside a condition that is never met', '{ user { email @skip(if: true) } }'],
  ])('is found %s', async (_title, operation) => {
    expect(await refused(operation, anonymous, 'User.email')).toEqual(['User.email']);
  });

  it('at a type: all of its fields, the fields that return it, and itself wherever it is returned', async () => {
    const all = ['Query.vault', 'Query.vaults', 'Vault.id', 'Vault.gold', 'Vault.__typename', 'Query.user'];
    expect(await refused('{ vault { id gold } vaults { id } user { id } }', anonymous, ...all)).toEqual(
      all.slice(0, -1),
    );
    expect(await refused('{ vault { id gold } }', user(), ...all)).toEqual(['Vault.gold']);
  });

  it('at a type within a union, also when nothing is asked of it', async () => {
    const coordinates = ['Query.found', 'Vault.__typename', 'User.__typename'];
    expect(await refused('{ found { __typename } }', anonymous, ...coordinates)).toEqual([
      'Vault.__typename',
    ]);
  });

  it('at all types of an interface: then at what returns it', async () => {
    const coordinates = ['Query.closed', 'A.x', 'B.x', 'A.__typename'];
    expect(await refused('{ closed { x } }', anonymous, ...coordinates)).toEqual(coordinates);
    expect(await refused('{ closed { x } }', user(), ...coordinates)).toEqual(['B.x']);
  });

  it('at a field of Query’s type does not touch introspection', () => {
    expect(refusalsFor(getIntrospectionQuery(), anonymous)).toBeUndefined();
    expect(refusalsFor('{ __typename __type(name: "User") { fields { name } } }', anonymous)).toBeUndefined();
    const whole = createAsk({ a: 'type Query @authenticated { x: Int }' });
    const refusals = whole.refusalsFor('{ x __schema { types { name } } }', anonymous);
    expect(refusals?.isRefused('Query', '__schema')).toBe(false);
    expect(refusals?.isRefused('Query', 'x')).toBe(true);
  });

  it('fails for a field that is not of the schema, which it cannot judge', () => {
    expect(() => refusalsFor('{ user { ...f } } fragment f on Strange { x }', anonymous)).toThrow(
      'Expected a field of the schema, but got Strange.x',
    );
  });
});

describe('a field that is computed from others', () => {
  /** Composition asks that such a field says itself what it is protected by: the gateway does not rely on it. */
  const withoutOwn = (schemas: Readonly<Record<string, string>>, field: RegExp) => {
    const sdl = composeForTest(schemas);
    expect(sdl).toMatch(field);
    return sdl.replace(field, '$1');
  };
  const entity = 'type T @key(fields: "id") { id: ID!';

  it('is as protected as what it @requires', async () => {
    const sdl = withoutOwn(
      {
        a: `type Query { t: T } ${entity} secret: Int @authenticated open: Int }`,
        b: `${entity} secret: Int @external open: Int @external
          x: Int @requires(fields: "secret") @authenticated y: Int @requires(fields: "open") }`,
      },
      /(x: Int .*) @authenticated/,
    );
    const { refused } = createAsk(sdl);
    expect(await refused('{ t { x y } }', anonymous, 'T.x', 'T.y')).toEqual(['T.x']);
    expect(await refused('{ t { z: x } }', anonymous, 'T.x')).toEqual(['T.x']);
    expect(await refused('{ t { x y } }', user(), 'T.x', 'T.y')).toEqual([]);
  });

  it('is so through chains, nested selections, lists and interfaces', async () => {
    const chain = '@requiresScopes(scopes: [["s"]])';
    const schemas = {
      a: `type Query { t: T }
        ${entity} owner: Owner others: [Node!]! }
        interface Node { id: ID! name: String }
        type Owner implements Node @key(fields: "id") { id: ID! name: String secret: Int ${chain} }
        type Robot implements Node { id: ID! name: String serial: Int ${chain} }`,
      b: `${entity} owner: Owner @external x: Int @requires(fields: "owner { secret }") ${chain} }
        type Owner @key(fields: "id") { id: ID! secret: Int @external }`,
      c: `${entity} x: Int @external y: Int @requires(fields: "x") ${chain} }`,
      d: `${entity} y: Int @external z: Int @requires(fields: "y") ${chain}
        others: [Node!]! @external w: Int @requires(fields: "others { ... on Robot { serial } }") ${chain} }
        interface Node { id: ID! }
        type Robot implements Node { id: ID! @external serial: Int @external }`,
    };
    const sdl = composeForTest(schemas).replaceAll(
      /(\b[xyzw]: Int .*) @requiresScopes\(scopes: \[\["s"\]\]\)/g,
      '$1',
    );
    expect(sdl.match(/@requiresScopes\(scopes: \[\["s"\]\]\)/g)).toHaveLength(2);
    const { refused } = createAsk(sdl);
    const fields = ['T.x', 'T.y', 'T.z', 'T.w', 'T.owner', 'T.others'];
    expect(await refused('{ t { x y z w owner { id } others { id } } }', user(), ...fields)).toEqual(
      fields.slice(0, 4),
    );
    expect(await refused('{ t { z } }', anonymous, 'T.z')).toEqual(['T.z']);
    expect(await refused('{ t { z w } }', user('s'), 'T.z', 'T.w')).toEqual([]);
  });

  it('is so when it needs a type that is protected', async () => {
    const sdl = withoutOwn(
      {
        a: `type Query { t: T } ${entity} vault: Vault } type Vault @authenticated { gold: Int }`,
        b: `${entity} vault: Vault @external x: Int @requires(fields: "vault { gold }") @authenticated }
          type Vault { gold: Int @external }`,
      },
      /(x: Int .*) @authenticated/,
    );
    expect(await createAsk(sdl).refused('{ t { x } }', anonymous, 'T.x')).toEqual(['T.x']);
  });

  it('is so when it is given by a context', async () => {
    const sdl = withoutOwn(
      {
        a: `type Query { t: T }
          type T @key(fields: "id") @context(name: "t") { id: ID! secret: Int @authenticated child: Child }
          type Child @key(fields: "id") { id: ID!
            x(secret: Int @fromContext(field: "$t { secret }")): Int @authenticated
            y: Int }`,
      },
      /(x: Int .*) @authenticated/,
    );
    const { refused } = createAsk(sdl);
    expect(await refused('{ t { child { x y } } }', anonymous, 'Child.x', 'Child.y')).toEqual(['Child.x']);
  });

  it('is so when it can only be had by a protected key', async () => {
    const { refused } = createAsk({
      a: `type Query { t: T } type T @key(fields: "secret") { secret: ID! @authenticated open: Int }`,
      b: `type T @key(fields: "secret") { secret: ID! x: Int }`,
      c: `type Query { other: T } type T @key(fields: "secret") { secret: ID! y: Int }`,
    });
    const fields = ['T.x', 'T.y', 'T.open', 'T.secret'];
    // c gives T itself and a is where it comes from: the key is not the only way there.
    expect(await refused('{ t { x y open secret } }', anonymous, ...fields)).toEqual(['T.x', 'T.secret']);
    expect(await refused('{ t { x y open secret } }', user(), ...fields)).toEqual([]);
  });

  it('does not go in circles', async () => {
    const { refused } = createAsk({
      a: `type Query { t: T } ${entity} x: Int secret: Int @authenticated b: Int @external
        c: Int @requires(fields: "b") @authenticated }`,
      b: `${entity} secret: Int @external b: Int @requires(fields: "secret") @authenticated }`,
    });
    expect(await refused('{ t { c } }', anonymous, 'T.c')).toEqual(['T.c']);
  });
});

describe('interface objects', () => {
  const schemas = {
    media: `
      type Query { media: Media book: Book }
      interface Media @key(fields: "id") { id: ID! title: String }
      type Book implements Media @key(fields: "id") { id: ID! title: String isbn: String @authenticated }
      type Film implements Media @key(fields: "id") { id: ID! title: String }
    `,
    reviews: `type Media @interfaceObject @key(fields: "id") {
      id: ID! stars: Int notes: String @authenticated digest: String @requires(fields: "title") title: String @external
    }`,
  };
  const fields = ['Book.notes', 'Film.notes', 'Book.stars', 'Film.title', 'Book.isbn'];

  it('bring their requirements to every implementation', async () => {
    const { refused } = createAsk(schemas);
    expect(await refused('{ media { notes stars title } }', anonymous, ...fields)).toEqual([
      'Book.notes',
      'Film.notes',
      'Book.isbn',
    ]);
    expect(await refused('{ book { notes } }', anonymous, ...fields.slice(0, 1))).toEqual(['Book.notes']);
  });

  it('do so in a supergraph whose composer did not copy them', async () => {
    const sdl = composeForTest(schemas).replaceAll(
      /(notes: String) @authenticated @join__field$/gm,
      '$1 @join__field',
    );
    expect(sdl.match(/notes: String @join__field$/gm)).toHaveLength(2);
    const { refused } = createAsk(sdl);
    expect(await refused('{ media { notes } }', anonymous, ...fields.slice(0, 2))).toEqual(
      fields.slice(0, 2),
    );
  });

  it('bring what they require', async () => {
    const protectedTitle = schemas.media.replace(
      'Film implements Media @key(fields: "id") { id: ID! title: String',
      'Film implements Media @key(fields: "id") { id: ID! title: String @authenticated',
    );
    const reviews = schemas.reviews.replace(
      '@requires(fields: "title")',
      '@requires(fields: "title") @authenticated',
    );
    const sdl = composeForTest({ media: protectedTitle, reviews }).replaceAll(
      /(digest: String.*) @authenticated/g,
      '$1',
    );
    const { refused } = createAsk(sdl);
    expect(await refused('{ media { digest } }', anonymous, 'Film.digest')).toEqual(['Film.digest']);
  });
});

describe('a supergraph of an older composer', () => {
  const sdl = composeForTest({
    a: `type Query { i: I s: Secret }
      scalar Secret
      interface I { x: Int y: Int }
      type A implements I { x: Int y: Int @authenticated }
      type B implements I { x: Int y: Int }`,
  });

  it('may have a requirement at an interface that holds for all implementations', async () => {
    const marked = sdl.replace(/(interface I[^{]*\{\s*x: Int)/, '$1 @authenticated');
    const { refused } = createAsk(marked);
    expect(await refused('{ i { x y } }', anonymous, 'A.x', 'B.x', 'A.y', 'B.y')).toEqual([
      'A.x',
      'B.x',
      'A.y',
    ]);
  });

  it('may have one at a whole interface', async () => {
    const { refused } = createAsk(sdl.replace(/(interface I[^{]*)\{/, '$1 @authenticated {'));
    expect(await refused('{ i { x } }', anonymous, 'Query.i', 'A.x', 'B.x')).toEqual([
      'Query.i',
      'A.x',
      'B.x',
    ]);
  });

  it('may have one at a scalar, which holds for the fields that return it', async () => {
    const { refused } = createAsk(sdl.replace('scalar Secret', 'scalar Secret @authenticated'));
    expect(await refused('{ s }', anonymous, 'Query.s')).toEqual(['Query.s']);
  });
});

it('refuses a supergraph with a security feature that nobody here enforces', () => {
  const sdl = composeForTest({ a: 'type Query { x: Int }' }).replace(
    '{\n  query: Query',
    '  @link(url: "https://example.org/vault/v1.0", for: SECURITY)\n{\n  query: Query',
  );
  expect(() => createAuthorizer({ document: parse(sdl) })).toThrow(
    'Expected security features that are enforced here, but the supergraph has https://example.org/vault',
  );
});

describe('the key of refusals', () => {
  const { refusalsFor, authorizer } = createAsk({
    a: `type Query {
      open: Int one: Int @requiresScopes(scopes: [["a", "b"]]) two: Int @requiresScopes(scopes: [["b", "a"]])
      three: Int @authenticated
    }`,
  });

  it('is equal for callers who lack the same, however they differ otherwise', () => {
    const [one, other] = [user('x'), { sub: 'u2', roles: ['R'], scopes: ['a'] }].map((principal) =>
      refusalsFor('{ one three }', principal),
    );
    expect(one?.key).toBeDefined();
    expect(one?.key).toBe(other?.key);
    expect(refusalsFor('{ one three }', anonymous)?.key).not.toBe(one?.key);
  });

  it('knows no order of names', () => {
    expect(refusalsFor('{ one }', user())?.key).toBe(refusalsFor('{ two }', user())?.key);
    expect(authorizer.needsOf(parse('{ one two }')).requirements).toHaveLength(1);
  });

  it('is not there for a caller who may see everything, nor for an operation that asks nothing of its caller', () => {
    expect(refusalsFor('{ one three }', user('a', 'b'))).toBeUndefined();
    expect(refusalsFor('{ open }', anonymous)).toBeUndefined();
  });

  it('comes from what an operation needs, which is found once for each document', () => {
    const document = parse('{ one }');
    expect(authorizer.needsOf(document)).toBe(authorizer.needsOf(document));
  });
});

describe('policies', () => {
  const schemas = {
    a: 'type Query { x: Int @policy(policies: [["p", "q"], ["r"]]) y: Int @policy(policies: [["s"]]) open: Int }',
  };
  const refusedWith = (evaluatePolicies?: AuthorizerOptions['evaluatePolicies'], onPolicyFailure = vi.fn()) =>
    createAsk(schemas, { evaluatePolicies, onPolicyFailure }).refused(
      '{ x y }',
      user('p', 'q'),
      'Query.x',
      'Query.y',
    );

  it('are granted by whoever evaluates them, all of a list', async () => {
    expect(await refusedWith(() => ['r', 's'])).toEqual([]);
    expect(await refusedWith(async () => new Set(['p', 'q']))).toEqual(['Query.y']);
    expect(await refusedWith(() => ['p', 's'])).toEqual(['Query.x']);
  });

  it('are granted to nobody where nobody evaluates them, whatever scopes say', async () => {
    expect(await refusedWith()).toEqual(['Query.x', 'Query.y']);
  });

  it.each<[string, () => Promise<string[]>]>([
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('down'))],
    ['gives nothing that can be read', () => 7 as never],
    ['promises nothing that can be read', async () => 7 as never],
  ])('are granted to nobody when evaluating %s, and somebody is told', async (_title, evaluate) => {
    const onPolicyFailure = vi.fn();
    expect(await refusedWith(evaluate, onPolicyFailure)).toEqual(['Query.x', 'Query.y']);
    expect(onPolicyFailure).toHaveBeenCalledExactlyOnceWith(expect.any(Error));
  });

  it('are asked for by name, only those that occur, and not at all where none does', async () => {
    const evaluatePolicies = vi.fn(() => []);
    const { refused } = createAsk(schemas, { evaluatePolicies });
    await refused('{ open }', user());
    expect(evaluatePolicies).not.toHaveBeenCalled();
    await refused('{ x }', user());
    expect(evaluatePolicies).toHaveBeenCalledExactlyOnceWith(user(), ['p', 'q', 'r']);
  });
});

it('takes directives by the names that the supergraph gives them', async () => {
  const sdl = composeForTest({
    a: 'type Query { x: Int @authenticated y: Int @requiresScopes(scopes: [["a"]]) }',
  })
    .replace(
      'authenticated/v0.1", for',
      'authenticated/v0.1", import: [{ name: "@authenticated", as: "@locked" }], for',
    )
    .replace('requiresScopes/v0.1", for', 'requiresScopes/v0.1", as: "needs", for')
    .replaceAll('@authenticated', '@locked')
    .replaceAll('@requiresScopes', '@needs')
    .replace('name: "@locked"', 'name: "@authenticated"');
  const { refused } = createAsk(sdl);
  expect(await refused('{ x y }', anonymous, 'Query.x', 'Query.y')).toEqual(['Query.x', 'Query.y']);
});

it('finds the needs of a document of many fragments within each other in no time', () => {
  const { authorizer } = createAsk({ a: 'type Query { q: Query x: Int @authenticated }' });
  const fragments = Array.from(
    { length: 100 },
    (_, index) => `fragment f${index} on Query { q { ...f${index + 1} } a: q { ...f${index + 1} } }`,
  );
  const document = parse(`{ ...f0 } ${fragments.join(' ')} fragment f100 on Query { x }`);
  expect(authorizer.needsOf(document).requirements).toHaveLength(1);
});
