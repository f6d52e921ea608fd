import { buildSchema, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';

import { topicOf, type CommentAdded } from './comment-event.ts';
import { likesOf } from './graph.ts';

/** What follows a topic, as graphql-subscriptions and its relatives do. */
export interface Topics {
  asyncIterableIterator<T>(topic: string): AsyncIterableIterator<T>;
}

export interface LiveSchemaOptions {
  /** Whose events they are. */
  readonly peer: string;
  readonly topics: Topics;
  /** Finds who wrote a comment. @default the id is all that is known */
  readonly author?: GraphQLFieldResolver<CommentAdded, unknown>;
}

const sdl = `
  type Query { _service: String }
  type User { id: ID! name: String username: String }
  type Comment { id: ID! body: String! likes: Int! author: User! }
  type Subscription { commentAdded(postId: ID!): Comment! }
`;

/** The usual way: each subscriber runs a subscription of its own, on an iterator over a topic. */
export function createLiveSchema({ peer, topics, author }: LiveSchemaOptions): GraphQLSchema {
  const schema = buildSchema(sdl);
  const fieldOf = (type: string, name: string) => {
    const object = schema.getType(type);
    const field = object && 'getFields' in object ? object.getFields()[name] : undefined;
    if (!field || !('args' in field)) throw new TypeError(`Expected the schema to have ${type}.${name}`);
    return field;
  };
  const added = fieldOf('Subscription', 'commentAdded');
  added.subscribe = (_root, { postId }: { readonly postId: string }) =>
    topics.asyncIterableIterator<CommentAdded>(topicOf(peer, postId));
  added.resolve = (comment: unknown) => comment;
  fieldOf('Comment', 'likes').resolve = ({ id }: CommentAdded) => likesOf(id);
  if (author) fieldOf('Comment', 'author').resolve = author;
  return schema;
}
