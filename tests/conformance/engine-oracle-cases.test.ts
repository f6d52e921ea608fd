import { expect, it } from 'vitest';

import { askFixedCase, type FixedAnswer, type FixedCase } from '../support/engine-oracle/ask-fixed-case.ts';

/** A field that says what it was computed from, so that nobody can answer it without. */
const from =
  (...names: readonly string[]) =>
  (parent: Readonly<Record<string, unknown>>): string =>
    `(${names.map((name) => String(parent[name])).join(' ')})`;

const same = (representation: object): object => representation;

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
  'equal fields of a mutation': {
    subgraphs: {
      a: {
        sdl: 'type Query { a: Int } type Mutation { count: Int }',
        resolvers: {
          Mutation: {
            count: (
              (count: number) => () =>
                (count += 1)
            )(0),
          },
        },
      },
    },
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

it('fails an operation that cannot be planned, and nothing else', async () => {
  const { subgraphs, query } = cases['a requirement that a fetch moved past'] as FixedCase;
  const changePlan = () => {
    throw new Error('There is no plan');
  };
  // A rejection that nobody handles would fail this run, and end a gateway.
  await expect(askFixedCase({ subgraphs, query, seams: { changePlan } })).rejects.toThrow('There is no plan');
});
