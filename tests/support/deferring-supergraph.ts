import { federation, startMemorySupergraph, type MemorySupergraph } from '@tributary/testkit';

const users = [
  { __typename: 'User', id: 'u1', name: 'Ada', friends: ['u2', 'u3'] },
  { __typename: 'User', id: 'u2', name: 'Grace', friends: ['u1'] },
  { __typename: 'User', id: 'u3', name: 'Alan', friends: [] },
];
const teams = [{ __typename: 'Team', id: 't1', name: 'Analysts' }];
const profiles = [
  { id: 'u1', bio: 'Counts', motto: 'Onwards', avatar: { url: '/ada.png', width: 64 } },
  { id: 'u2', bio: 'Compiles', motto: 'Ask later', avatar: null },
  // Nobody gave this one a motto, which is not null.
  { id: 'u3', bio: null, motto: null, avatar: { url: null, width: 32 } },
];
const posts = [
  { id: 'p1', title: 'Notes', author: 'u1' },
  { id: 'p2', title: 'Nanoseconds', author: 'u2' },
  { id: 'p3', title: 'Machines', author: 'u3' },
];

const accounts = /* GraphQL */ `
  type Query {
    me: User!
    users: [User!]!
    user(id: ID!): User
    members: [Member!]!
  }
  type Mutation {
    rename(id: ID!, name: String!): User
  }
  interface Member {
    id: ID!
    name: String
  }
  type User implements Member @key(fields: "id") {
    id: ID!
    name: String
    email: String @authenticated
    friends: [User!]
  }
  type Team implements Member @key(fields: "id") {
    id: ID!
    name: String
  }
`;

const profilesOfMembers = /* GraphQL */ `
  type User @key(fields: "id") {
    id: ID!
    bio: String
    motto: String!
    avatar: Avatar
  }
  type Team @key(fields: "id") {
    id: ID!
    bio: String
  }
  type Avatar {
    url: String!
    width: Int
  }
`;

const postsOfUsers = /* GraphQL */ `
  type Query {
    posts: [Post!]
  }
  type Post @key(fields: "id") {
    id: ID!
    title: String
    author: User!
  }
  type User @key(fields: "id") {
    id: ID!
    posts: [Post!]
  }
`;

/** Something that a subgraph waits for before it answers. */
export interface Hold {
  /** Resolves when the subgraph was asked for the first time since. */
  readonly asked: Promise<void>;
  release(): void;
}

/** Members, their profiles, and posts: each in a subgraph that can be held back. */
export interface DeferringSupergraph extends MemorySupergraph {
  /** Lets a subgraph wait with its answers about entities, until it is released. */
  hold(subgraph: 'profiles' | 'posts'): Hold;
}

export async function startDeferringSupergraph(): Promise<DeferringSupergraph> {
  const holds = new Map<string, { readonly asked: () => void; readonly released: Promise<void> }>();
  const passing = async (subgraph: string): Promise<void> => {
    const hold = holds.get(subgraph);
    hold?.asked();
    await hold?.released;
  };
  const find = <T extends { id: string }>(all: readonly T[], id: string) =>
    all.find((each) => each.id === id);
  const supergraph = await startMemorySupergraph([
    {
      name: 'accounts',
      typeDefs: federation('@key', '@authenticated') + accounts,
      resolvers: {
        Query: {
          me: () => users[0],
          users: () => users,
          user: (_root: unknown, { id }: { id: string }) => find(users, id),
          members: () => [...users, ...teams],
        },
        Mutation: {
          rename: (_root: unknown, { id, name }: { id: string; name: string }) => ({
            ...find(users, id),
            name,
          }),
        },
        User: {
          __resolveReference: ({ id }: { id: string }) => find(users, id),
          email: ({ id }: { id: string }) => `${id}@example.com`,
          friends: ({ friends }: (typeof users)[number]) => friends.map((id) => find(users, id)),
        },
        Team: { __resolveReference: ({ id }: { id: string }) => find(teams, id) },
      },
    },
    {
      name: 'profiles',
      typeDefs: federation('@key') + profilesOfMembers,
      resolvers: {
        User: {
          __resolveReference: async ({ id }: { id: string }) => {
            await passing('profiles');
            return find(profiles, id);
          },
        },
        Team: { __resolveReference: ({ id }: { id: string }) => ({ id, bio: `We are ${id}` }) },
      },
    },
    {
      name: 'posts',
      typeDefs: federation('@key') + postsOfUsers,
      resolvers: {
        Query: { posts: () => posts },
        Post: {
          __resolveReference: ({ id }: { id: string }) => find(posts, id),
          author: ({ author }: { author: string }) => ({ __typename: 'User', id: author }),
        },
        User: {
          __resolveReference: async ({ id }: { id: string }) => {
            await passing('posts');
            return { id };
          },
          posts: ({ id }: { id: string }) => posts.filter(({ author }) => author === id),
        },
      },
    },
  ]);
  return {
    ...supergraph,
    hold: (subgraph) => {
      const [asked, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      holds.set(subgraph, { asked: asked.resolve, released: released.promise });
      const release = () => {
        holds.delete(subgraph);
        released.resolve();
      };
      return { asked: asked.promise, release };
    },
  };
}
