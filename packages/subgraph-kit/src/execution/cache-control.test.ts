import { ApolloServer } from '@apollo/server';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { getOperationAST, parse } from 'graphql';
import { expect, it } from 'vitest';

import { cacheControlOf } from './cache-control.ts';

const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  enum CacheControlScope { PUBLIC PRIVATE }
  directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean) on FIELD_DEFINITION | OBJECT | INTERFACE | UNION

  interface Node @cacheControl(maxAge: 40) { id: ID! }
  type Post implements Node @key(fields: "id") @cacheControl(maxAge: 60) {
    id: ID!
    title: String
    views: Int @cacheControl(maxAge: 5)
    secret: String @cacheControl(maxAge: 50, scope: PRIVATE)
    author: User
    size: Size
    tags: [String!]
  }
  type User @key(fields: "id") { id: ID! name: String }
  type Size @cacheControl(inheritMaxAge: true) { width: Int }
  type Query {
    plain: Int
    timed: Int @cacheControl(maxAge: 30)
    post: Post
    short: Post @cacheControl(maxAge: 10)
    node: Node
    size: Size
  }
`);
const post = {
  __typename: 'Post',
  id: '1',
  title: 'One',
  views: 1,
  secret: 's',
  author: { id: 'u' },
  size: {},
  tags: ['a'],
};
const resolvers = {
  Query: {
    plain: () => 1,
    timed: () => 1,
    post: () => post,
    short: () => post,
    node: () => post,
    size: () => ({}),
  },
  Post: { __resolveReference: () => ({ ...post }) },
  User: { __resolveReference: () => ({ id: 'u' }) },
};
const schema = buildSubgraphSchema([{ typeDefs, resolvers }]);
const server = new ApolloServer({ schema: buildSubgraphSchema([{ typeDefs, resolvers }]) });

const entities = (type: string, selection: string) =>
  `{ _entities(representations: [{ __typename: "${type}", id: "1" }]) { ${selection} } }`;

it.each([
  ['{ plain }', 'no-store'],
  ['{ timed }', 'max-age=30, public'],
  ['{ timed plain }', 'no-store'],
  ['{ post { title tags } }', 'max-age=60, public'],
  ['{ post { views } }', 'max-age=5, public'],
  ['{ post { secret } }', 'max-age=50, private'],
  ['{ post { author { name } } }', 'no-store'],
  ['{ post { size { width } } timed }', 'max-age=30, public'],
  ['{ size { width } }', 'no-store'],
  ['{ short { title } }', 'max-age=10, public'],
  ['{ node { id } }', 'max-age=40, public'],
  ['{ node { ...P } } fragment P on Post { views }', 'max-age=5, public'],
  ['{ __typename timed }', 'max-age=30, public'],
  [entities('Post', '... on Post { title }'), 'max-age=60, public'],
  [entities('User', '... on User { name }'), 'no-store'],
])('says of %s what Apollo Server would: %s', async (query, expected) => {
  const document = parse(query);
  const operation = getOperationAST(document);
  const { body, http } = await server.executeOperation({ query });
  expect(body.kind === 'single' && body.singleResult.errors).toBeUndefined();
  expect(http.headers.get('cache-control')).toBe(expected);
  expect(operation && cacheControlOf(schema, document, operation)).toBe(expected);
});

it('counts what one answer leaves out and another has', () => {
  const document = parse('query ($yes: Boolean!) { timed plain @include(if: $yes) }');
  const operation = getOperationAST(document);
  expect(operation && cacheControlOf(schema, document, operation)).toBe('no-store');
});
