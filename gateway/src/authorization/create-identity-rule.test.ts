import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';

import { createIdentityRule } from './create-identity-rule.ts';
import { composeForTest, linked, supergraphOf } from './supergraph.test-support.ts';

const users = `${linked}
  type Query {
    me: User @personal
    user(id: ID!): User
    users: [User!]!
    node: Node
    found: [Found!]!
    session: Session
    title: Titled
    secret: Vault
    weather: String
  }
  type Mutation { rename: User }
  interface Node { id: ID! }
  interface Titled { title: String @personal }
  type User implements Node @key(fields: "id") {
    id: ID!
    name: String
    email: String @personal
    salary: Int @requiresScopes(scopes: [["hr"]])
    friends: [User!]!
  }
  "Depends on the caller whatever is asked of it."
  type Session implements Node @personal { id: ID! device: String }
  type Page implements Titled { title: String }
  type Vault @authenticated { gold: Int }
  type Box { vault: Vault }
  union Found = User | Box | Page
  type Query2 { unused: Int }
`;
const posts = `${linked}
  type Query { post: Post }
  type Post { id: ID! title: String author: User }
  type User @key(fields: "id") { id: ID! posts: [Post!]! drafts: [Post!]! @personal }
`;
const foreign = 'type Query { rate: Int }';

const carries = createIdentityRule(supergraphOf({ users, posts, foreign }));
const carriesIdentity = (text: string, subgraph = 'users') => carries(subgraph, parse(text));

const entities = (selection: string) =>
  `query($representations: [_Any!]!) { _entities(representations: $representations) { __typename ${selection} } }`;

describe('a fetch carries identity', () => {
  it.each([
    ['for a marked field', '{ me { name } }'],
    ['for one beneath others', '{ users { friends { email } } }'],
    ['for one under an alias', '{ user(id: 1) { name: email } }'],
    ['for one in an inline fragment', '{ node { ... on User { email } } }'],
    ['for one in a fragment', 'query { user(id: 1) { ...f } } fragment f on User { email }'],
    [
      'for one in a fragment in a fragment',
      '{ user(id: 1) { ...f } } fragment f on User { ...g } fragment g on User { email }',
    ],
    ['for one of an entity', entities('... on User { email }')],
    [
      'for one that a condition may leave out',
      'query ($on: Boolean!) { user(id: 1) { email @include(if: $on) } }',
    ],
    ['for a field of a marked type', '{ session { device } }'],
    ['for a field that returns a marked type, whatever is asked of it', '{ session { __typename } }'],
    ['for an interface that a marked type implements', '{ node { id } }'],
    ['for an interface that a marked type implements, asked by name only', '{ node { __typename } }'],
    [
      'for a field of an implementation whose interface’s field is marked',
      '{ found { ... on Page { title } } }',
    ],
    ['for a marked field of an interface', '{ title { title } }'],
    ['for a field that only some may see', '{ user(id: 1) { salary } }'],
    ['for a type that only some may see', '{ secret { gold } }'],
    [
      'for a type that only some may see, within a union',
      '{ found { ... on Box { vault { __typename } } } }',
    ],
    ['for a mutation, whatever it asks', 'mutation { rename { name } }'],
    ['for a field that the supergraph does not have', '{ whoKnows }'],
    ['for a type that the supergraph does not have', entities('... on Stranger { id }')],
    ['for an entity of unknown type', entities('id')],
  ])('%s', (_title, text) => {
    expect(carriesIdentity(text)).toBe(true);
  });

  it('to a subgraph that does not say what is personal, always', () => {
    expect(carriesIdentity('{ rate }', 'foreign')).toBe(true);
    expect(carriesIdentity('{ rate }', 'nobody')).toBe(true);
  });

  it('everywhere, in a supergraph that another composer made', () => {
    const record = /@join__directive\(graphs: \[.*?\], name: "link".*\)/;
    const sdl = composeForTest({ users, posts, foreign });
    expect(sdl).toMatch(record);
    const elsewhere = createIdentityRule({ document: parse(sdl.replace(record, '')) });
    expect(elsewhere('users', parse('{ weather }'))).toBe(true);
  });
});

describe('a fetch carries none', () => {
  it.each([
    ['for what is equal for everybody', '{ users { id name friends { name } } weather }'],
    ['for entities that are', entities('... on User { name friends { name } }')],
    ['for the type name of such', '{ users { __typename } }'],
    [
      'for a union, where nothing of it depends on the caller',
      '{ found { __typename ... on User { name } ... on Box { __typename } } }',
    ],
  ])('%s', (_title, text) => {
    expect(carriesIdentity(text)).toBe(false);
  });

  it('for a field of another subgraph’s type, beside a marked one', () => {
    expect(carriesIdentity(entities('... on User { posts { title } }'), 'posts')).toBe(false);
    expect(carriesIdentity(entities('... on User { drafts { title } }'), 'posts')).toBe(true);
  });
});

describe('an interface object', () => {
  const media = `${linked}
    type Query { media: Media film: Film }
    interface Media @key(fields: "id") { id: ID! title: String }
    type Book implements Media @key(fields: "id") { id: ID! title: String }
    type Film implements Media @key(fields: "id") { id: ID! title: String }
  `;
  const reviews = `${linked}
    type Media @interfaceObject @key(fields: "id") { id: ID! stars: Int mine: Int @personal locked: Int @authenticated }
  `;
  const rule = createIdentityRule(supergraphOf({ media, reviews }));
  it.each([
    ['mine', true],
    ['locked', true],
    ['stars', false],
  ])('has its marks on its own fields: %s', (field, expected) => {
    expect(rule('reviews', parse(entities(`... on Media { ${field} }`)))).toBe(expected);
  });
});

it('does not take a requirement of one implementation for one of all', () => {
  const rule = createIdentityRule(
    supergraphOf({
      a: `${linked}
        type Query { i: I }
        interface I { x: Int }
        type Locked implements I { x: Int @authenticated }
        type Open implements I { x: Int }
      `,
    }),
  );
  expect(rule('a', parse('{ i { ... on Open { x } } }'))).toBe(false);
  expect(rule('a', parse('{ i { ... on Locked { x } } }'))).toBe(true);
  expect(rule('a', parse('{ i { x } }'))).toBe(true);
});

it('takes a directive by the name that the supergraph gives it', () => {
  const sdl = composeForTest({
    a: `
      extend schema
        @link(url: "https://specs.tributary.dev/tributary/v1.0", import: [{ name: "@personal", as: "@mine" }])
        @composeDirective(name: "@mine")
      directive @mine on FIELD_DEFINITION | OBJECT
      type Query { me: Int @mine open: Int }
    `,
  });
  const rule = createIdentityRule({ document: parse(sdl) });
  expect(rule('a', parse('{ me }'))).toBe(true);
  expect(rule('a', parse('{ open }'))).toBe(false);
});
