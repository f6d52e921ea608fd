import { textOf, upTo, type Subgraph } from '../gateway/graphs/graph.ts';
import { userCount, type CommentAdded } from './comment-event.ts';
import type { Selection } from './row.ts';

interface User {
  readonly id: string;
  readonly name: string;
  readonly username: string;
}

const users = upTo(userCount).map((id): User => ({
  id: String(id),
  name: textOf(id, 2),
  username: textOf(id, 1),
}));
export const userOf = ({ id }: Readonly<Record<string, unknown>>): User | undefined =>
  users.find((user) => user.id === id);

/** No event says how much a comment is liked: that changes all the time. */
export const likesOf = (commentId: string): number => commentId.length;

/** Users and comments, as gateways see them; comments are found among those that were published. */
export const subgraphsOver = (findComment: (id: string) => CommentAdded | undefined): readonly Subgraph[] => [
  {
    name: 'users',
    sdl: `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])
      type Query { user(id: ID!): User }
      type User @key(fields: "id") { id: ID! name: String! username: String! }
    `,
    resolvers: { Query: { user: (_root, args) => userOf(args) } },
    entities: { User: userOf },
  },
  {
    name: 'comments',
    sdl: `
      extend schema
        @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@composeDirective"])
        @link(url: "https://specs.tributary.dev/tributary/v1.1", import: ["@personal", "@event"])
        @composeDirective(name: "@personal")
        @composeDirective(name: "@event")
      directive @personal on FIELD_DEFINITION | OBJECT
      directive @event(channel: String!, filter: String) repeatable on FIELD_DEFINITION
      type Query { comment(id: ID!): Comment }
      type Comment @key(fields: "id") { id: ID! body: String! likes: Int! author: User! }
      type User @key(fields: "id", resolvable: false) { id: ID! }
      type Subscription { commentAdded(postId: ID!): Comment! @event(channel: "post.{args.postId}.comment-added") }
    `,
    entities: {
      Comment: ({ id }) => {
        const comment = findComment(String(id));
        return comment && { ...comment, likes: likesOf(comment.id) };
      },
    },
  },
];

/** What clients send. */
export const operations: Readonly<Record<Selection, string>> = {
  data: 'subscription ($postId: ID!) { commentAdded(postId: $postId) { id body } }',
  federated:
    'subscription ($postId: ID!) { commentAdded(postId: $postId) { id body likes author { id name username } } }',
};

/** What a result has to be about a comment, whoever answers. */
export const expectedComment = (selection: Selection, { id, body, author }: CommentAdded): object =>
  selection === 'data' ? { id, body } : { id, body, likes: likesOf(id), author: userOf(author) };
