import { federation, startMemorySupergraph, type MemorySupergraph } from '@tributary/testkit';

const users = [
  { id: 'u1', name: 'Ada' },
  { id: 'u2', name: 'Grace' },
];
const posts = [
  { id: 'p1', title: 'First', author: { __typename: 'User', id: 'u1' } },
  { id: 'p2', title: 'Second', author: { __typename: 'User', id: 'u2' } },
];

/** Users and their posts: the smallest supergraph with a step between two subgraphs. */
export const startSmallSupergraph = (): Promise<MemorySupergraph> =>
  startMemorySupergraph([
    {
      name: 'users',
      typeDefs:
        federation('@key') +
        /* GraphQL */ `
          type Query {
            me: User
            user(id: ID!): User
          }
          type Mutation {
            rename(id: ID!, name: String!): User
          }
          type User @key(fields: "id") {
            id: ID!
            name: String
          }
        `,
      resolvers: {
        Query: {
          me: () => users[0],
          user: (_root: unknown, { id }: { id: string }) => users.find((user) => user.id === id),
        },
        Mutation: { rename: (_root: unknown, args: { id: string; name: string }) => args },
        User: {
          __resolveReference: ({ id }: { id: string }) => users.find((user) => user.id === id),
        },
      },
    },
    {
      name: 'posts',
      typeDefs:
        federation('@key') +
        /* GraphQL */ `
          type Query {
            posts: [Post!]
            post(id: ID!): Post
          }
          type Subscription {
            postCreated: Post
          }
          type Post {
            id: ID!
            title: String!
            author: User
          }
          type User @key(fields: "id", resolvable: false) {
            id: ID!
          }
        `,
      resolvers: {
        Query: {
          posts: () => posts,
          post: (_root: unknown, { id }: { id: string }) => posts.find((post) => post.id === id),
        },
      },
    },
  ]);
