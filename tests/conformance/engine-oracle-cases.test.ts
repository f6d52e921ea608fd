import { expect, it } from 'vitest';

import { askFixedCase, type FixedAnswer, type FixedCase } from '../support/engine-oracle/ask-fixed-case.ts';

/** A field that says what it was computed from, so that nobody can answer it without. */
const from =
  (...names: readonly string[]) =>
  (parent: Readonly<Record<string, unknown>>): string =>
    `(${names.map((name) => String(parent[name])).join(' ')})`;

const same = (representation: object): object => representation;

/** A subgraph that tells how often it was told to count. */
function counting(): FixedCase['subgraphs'][string] {
  let count = 0;
  return {
    sdl: 'type Query { a: Int } type Mutation { count: Int other: Int }',
    resolvers: { Mutation: { count: () => (count += 1), other: () => 0 } },
  };
}

/** A post with an author whose email fails and must not be null, and a byline that requires something of the author. */
const withFailingEmail = (required: string): FixedCase['subgraphs'] => ({
  posts: {
    sdl: `
      type Query { post: Post }
      type Post @key(fields: "id") { id: ID! author: Author }
      type Author @key(fields: "id") { id: ID! name: String email: String! }`,
    resolvers: {
      Query: { post: () => ({ id: '1', author: { id: '2', name: 'n' } }) },
      Author: {
        email: () => {
          throw new Error('The email fails');
        },
      },
    },
  },
  bylines: {
    sdl: `
      type Post @key(fields: "id") {
        id: ID! author: Author @external byline: String @requires(fields: "${required}")
      }
      type Author @key(fields: "id", resolvable: false) {
        id: ID! ${required.includes('name') ? 'name: String' : 'email: String!'} @external
      }`,
    resolvers: {
      Post: {
        __resolveReference: same,
        byline: ({ author }: { author: { name: string } | null }) => author?.name ?? 'nobody',
      },
    },
  },
});

/** What the oracle found, as small as it could be made. Each was answered wrongly once. */
const cases: Readonly<Record<string, FixedCase & { readonly expected: FixedAnswer }>> = {
  'a chain of requirements that leads back to a subgraph': {
    subgraphs: {
      a: {
        sdl: `
          type Query { e: E }
          type E @key(fields: "id") { id: ID! w: String x: String @external y: String @requires(fields: "x") }`,
        resolvers: {
          Query: { e: () => ({ id: '1', w: 'w' }) },
          E: { __resolveReference: same, y: from('x') },
        },
      },
      b: {
        sdl: `
          type E @key(fields: "id") {
            id: ID! w: String @external x: String @requires(fields: "w")
            y: String @external z: String @requires(fields: "y")
          }`,
        resolvers: { E: { __resolveReference: same, x: from('w'), z: from('y') } },
      },
    },
    query: '{ e { z } }',
    expected: { data: { e: { z: '(((w)))' } } },
  },
  'a requirement that a fetch moved past': {
    subgraphs: {
      a: {
        sdl: 'type Query { e: E } type E @key(fields: "id") { id: ID! }',
        resolvers: { Query: { e: () => ({ id: '1' }) } },
      },
      b: {
        sdl: `
          type E @key(fields: "id") {
            id: ID! p: String i: String @external s: String @external t: String @requires(fields: "s i")
            u: String @external v: String @requires(fields: "u")
          }`,
        resolvers: { E: { __resolveReference: same, p: () => 'p', t: from('s', 'i'), v: from('u') } },
      },
      c: {
        sdl: 'type E @key(fields: "id") { id: ID! p: String @external s: String @requires(fields: "p") }',
        resolvers: { E: { __resolveReference: same, s: from('p') } },
      },
      d: {
        sdl: `
          type E @key(fields: "id") {
            id: ID! i: String j: String t: String @external u: String @requires(fields: "t")
          }`,
        resolvers: { E: { __resolveReference: same, i: () => 'i', j: () => 'j', u: from('t') } },
      },
    },
    query: '{ e { v j } }',
    expected: { data: { e: { v: '((((p) i)))', j: 'j' } } },
  },
  'a fragment on another interface in an interface object': {
    subgraphs: {
      a: {
        sdl: `
          interface Media @key(fields: "id") { id: ID! }
          interface Named { name: String }
          type Book implements Media & Named @key(fields: "id") { id: ID! name: String }`,
        resolvers: {
          Media: { __resolveReference: ({ id }: { id: string }) => ({ __typename: 'Book', id, name: 'n' }) },
          Book: { __resolveReference: same },
        },
      },
      b: {
        sdl: `
          type Media @key(fields: "id") @interfaceObject { id: ID! }
          type Query { media: [Media] }`,
        resolvers: { Query: { media: () => [{ id: '1' }] } },
      },
    },
    query: '{ media { ... on Named { name } } }',
    expected: { data: { media: [{ name: 'n' }] } },
  },
  'an object that is null only for what the client asks of it': {
    subgraphs: withFailingEmail('author { name }'),
    query: '{ post { byline author { email } } }',
    expected: {
      data: { post: { byline: 'n', author: null } },
      errors: [{ path: ['post', 'author', 'email'] }],
    },
  },
  'an object that is null only for what is required of it': {
    subgraphs: withFailingEmail('author { email }'),
    query: '{ post { byline author { name } } }',
    // Nobody asked for the email, so the error is told of where it is nearest.
    expected: { data: { post: { byline: 'nobody', author: { name: 'n' } } }, errors: [{ path: ['post'] }] },
  },
  'equal fields of a mutation': {
    subgraphs: { a: counting() },
    query: 'mutation { count again: count ... { more: count } count }',
    expected: { data: { count: 1, again: 2, more: 3 } },
  },
  'one object under two names, of which one asks for what must not be null': {
    subgraphs: {
      a: {
        sdl: 'type Query { a: A } type A { b: Int c: Int! }',
        resolvers: { Query: { a: () => ({ b: 1, c: null }) } },
      },
    },
    query: '{ x: a { b } y: a { c } }',
    expected: { data: { x: { b: 1 }, y: null }, errors: [{ path: ['y', 'c'] }] },
  },
  'a requirement of a nested entity that comes back for another one': {
    subgraphs: {
      a: {
        sdl: `
          type E @key(fields: "id") { id: ID! p: String q: String @external r: String @requires(fields: "q") }
          type F @key(fields: "id") {
            id: ID! all: [E] e: E @external s: String @requires(fields: "e { p q }")
            t: String @external u: String @requires(fields: "t")
          }`,
        resolvers: {
          E: { __resolveReference: same, p: () => 'p', r: from('q') },
          F: {
            __resolveReference: same,
            all: () => [{ id: '1' }],
            s: ({ e }: { e: Readonly<Record<string, unknown>> }) => from('p', 'q')(e),
            u: from('t'),
          },
        },
      },
      b: {
        sdl: `
          type Query { f: F }
          type E @key(fields: "id") {
            id: ID! p: String @external q: String @requires(fields: "p")
          }
          type F @key(fields: "id") {
            id: ID! all: [E] @external e: E s: String @external t: String @requires(fields: "s all { p }")
          }`,
        resolvers: {
          Query: { f: () => ({ id: '1', e: { id: '1' } }) },
          E: { __resolveReference: same, q: from('p') },
          F: { __resolveReference: same, e: () => ({ id: '1' }), t: from('s') },
        },
      },
    },
    query: '{ f { u e { r } } }',
    expected: { data: { f: { u: '(((p (p))))', e: { r: '((p))' } } } },
  },
  'a condition on what requires something that is fetched already': {
    subgraphs: {
      a: {
        sdl: `
          type E @key(fields: "id") @key(fields: "k l") {
            id: ID! k: Int! l: Int! p: [F]
            q: String @external r: String @requires(fields: "q")
          }
          type F @key(fields: "id") { id: ID! }`,
        resolvers: {
          E: {
            __resolveReference: (key: object) => ({ ...key, id: '1', k: 1, l: 2 }),
            p: () => [{ id: '1' }],
            r: from('q'),
          },
        },
      },
      b: {
        sdl: `
          type Query { e: E }
          type E @key(fields: "k l") {
            k: Int! l: Int! p: [F] @external q: String @requires(fields: "p { o { n } }")
            r: String @external s: String @requires(fields: "r")
          }
          type F @key(fields: "id") { id: ID! o: [F] n: Int }`,
        resolvers: {
          Query: { e: () => ({ k: 1, l: 2 }) },
          E: {
            __resolveReference: same,
            q: ({ p }: { p: readonly { o: readonly { n: number }[] }[] }) => `${p[0]?.o[0]?.n}`,
            s: from('r'),
          },
          F: { __resolveReference: same, o: () => [{ id: '2', n: 3 }] },
        },
      },
    },
    query: 'query ($no: Boolean = false) { e { s @skip(if: $no) } }',
    expected: { data: { e: { s: '((3))' } } },
  },
  'a field of a mutation between two equal fragments': {
    subgraphs: { a: counting() },
    query: 'mutation { ... on Mutation { other } count ... on Mutation { again: count } }',
    expected: { data: { other: 0, count: 1, again: 2 } },
  },
  'a field of a mutation with a condition and without': {
    subgraphs: { a: counting(), b: { sdl: 'type Mutation { more: Int }' } },
    query: 'mutation ($yes: Boolean!) { count @include(if: $yes) more count }',
    variables: { yes: true },
    expected: { data: { count: 1, more: null } },
  },
  'a field of a mutation under two conditions that both hold': {
    subgraphs: { a: counting(), b: { sdl: 'type Mutation { more: Int }' } },
    query: 'mutation ($x: Boolean!, $y: Boolean!) { count @include(if: $x) more count @skip(if: $y) }',
    variables: { x: true, y: false },
    expected: { data: { count: 1, more: null } },
  },
  'a field of a mutation in two fragments under different conditions': {
    subgraphs: { a: counting(), b: { sdl: 'type Mutation { more: Int }' } },
    query:
      'mutation ($x: Boolean!, $y: Boolean!) { ...F @include(if: $x) more ... @include(if: $y) { count } } fragment F on Mutation { count }',
    variables: { x: true, y: true },
    expected: { data: { count: 1, more: null } },
  },
  'a field of a mutation that stands behind another when its first place does not count': {
    subgraphs: { a: counting(), b: { sdl: 'type Mutation { more: Int }' } },
    query: 'mutation ($x: Boolean!) { first: count @include(if: $x) more second: count first: count }',
    variables: { x: false },
    expected: { data: { more: null, second: 1, first: 2 } },
  },
  'a field of a mutation under two conditions of which one holds': {
    subgraphs: { a: counting(), b: { sdl: 'type Mutation { more: Int }' } },
    query: 'mutation ($x: Boolean!, $y: Boolean!) { count @include(if: $x) more count @include(if: $y) }',
    variables: { x: false, y: true },
    expected: { data: { more: null, count: 1 } },
  },
  'a field all of whose selections are skipped': {
    subgraphs: {
      a: { sdl: 'type Query { a: A! } type A { b: Int }', resolvers: { Query: { a: () => ({ b: 1 }) } } },
    },
    query: 'query ($no: Boolean!) { a @skip(if: $no) { b @include(if: $no) } }',
    variables: { no: false },
    expected: { data: { a: {} } },
  },
  'a conditional field with nothing but fragments that cannot fit': {
    subgraphs: {
      a: {
        sdl: `
          type Query { a: A } union U = A | B
          type A @key(fields: "id") { id: ID! } type B { b: Int u: U }`,
        resolvers: { Query: { a: () => ({ id: '1' }) } },
      },
      b: {
        sdl: 'type A @key(fields: "id") { id: ID! all: [A] }',
        resolvers: { A: { __resolveReference: same, all: () => [{ id: '2' }] } },
      },
    },
    query: 'query ($yes: Boolean!) { a { all @include(if: $yes) { ... on U { ... on B { b } } } } }',
    variables: { yes: true },
    expected: { data: { a: { all: [{}] } } },
  },
};

it.each(Object.entries(cases))('answers rightly: %s', async (_name, { expected, ...asked }) => {
  expect(await askFixedCase(asked)).toEqual(expected);
});

it('writes lists within lists as deep as it says, and refuses what is deeper before anything is asked', async () => {
  const listsWithin = (levels: number) => {
    let value: unknown = null;
    for (let level = 0; level < levels; level += 1) value = [value];
    const sdl = `type Query { deep: ${'['.repeat(levels)}Int${'!]'.repeat(levels)} }`;
    return { subgraphs: { a: { sdl, resolvers: { Query: { deep: () => value } } } }, query: '{ deep }' };
  };
  // The null bubbles up through all of them.
  expect(await askFixedCase(listsWithin(499))).toMatchObject({ data: { deep: null } });
  await expect(askFixedCase(listsWithin(2000))).rejects.toMatchObject({
    message: 'Expected an operation with at most 500 levels of objects and lists in its answer, but got 2001',
    code: 'OPERATION_TOO_COMPLEX',
  });
});

it('fails an operation that cannot be planned, and nothing else', async () => {
  const { subgraphs, query } = cases['a requirement that a fetch moved past'] as FixedCase;
  const changePlan = () => {
    throw new Error('There is no plan');
  };
  // A rejection that nobody handles would fail this run, and end a gateway.
  await expect(askFixedCase({ subgraphs, query, seams: { changePlan } })).rejects.toThrow('There is no plan');
});
