import { links, textOf, upTo, type Graph } from './graph.ts';

interface User {
  readonly __typename: 'User';
  readonly id: string;
  readonly name: string;
  readonly username: string;
}
interface Comment {
  readonly __typename: 'Comment';
  readonly id: string;
  readonly body: string;
  readonly author: User;
}
interface Post {
  readonly __typename: 'Post';
  readonly id: string;
  readonly title: string;
  readonly content: string;
  readonly author: User;
  readonly comments: readonly Comment[];
}

const userCount = 10;
const commentsPerPost = 10;

const users = upTo(userCount).map((id): User => ({
  __typename: 'User',
  id: String(id),
  name: textOf(id, 2),
  username: textOf(id, 1),
}));
const userAt = (index: number): User => users[index % userCount] as User;

const commentsOf = (post: number): readonly Comment[] =>
  upTo(commentsPerPost).map((index) => {
    const id = (post - 1) * commentsPerPost + index;
    return { __typename: 'Comment', id: String(id), body: textOf(id, 20), author: userAt(id) };
  });

const posts = upTo(50).map((id): Post => ({
  __typename: 'Post',
  id: String(id),
  title: textOf(id, 6),
  content: textOf(id + 1, 30),
  author: userAt(id),
  comments: commentsOf(id),
}));

const userOf = ({ id }: Readonly<Record<string, unknown>>) => users.find((user) => user.id === id);
const postOf = ({ id }: Readonly<Record<string, unknown>>) => posts.find((post) => post.id === id);

interface First {
  readonly first?: number;
}

/** The supergraph that Tributary comes with, in its smallest form: users, posts, comments. */
export const social: Graph = {
  name: 'social',
  subgraphs: [
    {
      name: 'users',
      sdl: `${links('@key')}
        type Query { user(id: ID!): User }
        type User @key(fields: "id") { id: ID! name: String username: String }
      `,
      resolvers: { Query: { user: (_root, args) => userOf(args) } },
      entities: { User: userOf },
    },
    {
      name: 'posts',
      sdl: `${links('@key')}
        type Query { post(id: ID!): Post posts(first: Int = 10): [Post!]! }
        type Post @key(fields: "id") { id: ID! title: String! content: String! author: User }
        type User @key(fields: "id", resolvable: false) { id: ID! }
      `,
      resolvers: {
        Query: {
          post: (_root, args) => postOf(args),
          posts: (_root, { first }: First) => posts.slice(0, first),
        },
      },
      entities: { Post: postOf },
    },
    {
      name: 'comments',
      // Whom a reader has muted is the reader's own matter: one fetch of the four carries who asks.
      sdl: `${links('@key')}
        type Post @key(fields: "id") { id: ID! comments(first: Int = 10): [Comment!] @personal }
        type Comment @key(fields: "id") { id: ID! body: String! author: User }
        type User @key(fields: "id", resolvable: false) { id: ID! }
      `,
      resolvers: {
        Post: { comments: (post, { first }: First) => (post as Post).comments.slice(0, first) },
      },
      entities: { Post: postOf, Comment: () => undefined },
    },
  ],
};
