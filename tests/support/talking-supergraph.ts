import { federation, startMemorySupergraph, type MemorySupergraph } from '@tributary/testkit';

import { ownDirectives } from './own-directives.ts';

type Reference = { readonly __typename?: string; readonly id: string };

/** What the subgraphs hold; a test changes it as a mutation would. */
export interface TalkingData {
  readonly users: Map<string, { readonly id: string; readonly name: string; readonly email: string }>;
  readonly posts: Map<string, { readonly id: string; readonly title: string; readonly author: string }>;
  readonly comments: Map<
    string,
    { readonly id: string; readonly body: string; readonly author: string; readonly post: string }
  >;
}

export interface TalkingSupergraph extends MemorySupergraph {
  readonly data: TalkingData;
}

const schema = (typeDefs: string) =>
  `${federation('@key', '@authenticated', '@composeDirective', '@policy', '@shareable').trimEnd()}${ownDirectives}${typeDefs}`;

const claimsOf = (headers: Readonly<Record<string, unknown>>) => {
  const header = headers['tributary-identity'];
  if (typeof header !== 'string') return undefined;
  return JSON.parse(Buffer.from(header.split('.')[1] ?? '', 'base64url').toString()) as {
    readonly sub?: string;
    readonly roles: readonly string[];
  };
};

/** The person that a request was signed for, as a subgraph reads it. */
export const callerOf = (headers: Readonly<Record<string, unknown>>): string | undefined => {
  const claims = claimsOf(headers);
  return claims && (claims.sub ?? 'anonymous');
};

/** Users, their posts and the comments on them, with fields that are subscribed to. Nothing is published by itself. */
export async function startTalkingSupergraph({
  marksViewer = true,
}: {
  /** Whether the field that depends on who asks says so. */
  readonly marksViewer?: boolean;
} = {}): Promise<TalkingSupergraph> {
  const data: TalkingData = {
    users: new Map([
      ['1', { id: '1', name: 'Ada', email: 'ada@example.org' }],
      ['2', { id: '2', name: 'Grace', email: 'grace@example.org' }],
    ]),
    posts: new Map([['42', { id: '42', title: 'On engines', author: '1' }]]),
    comments: new Map([['7', { id: '7', body: 'Agreed', author: '2', post: '42' }]]),
  };
  const user = (id: string | undefined) => (id === undefined ? null : { __typename: 'User', id });
  const supergraph = await startMemorySupergraph([
    {
      name: 'users',
      typeDefs: schema(/* GraphQL */ `
        type Query {
          user(id: ID!): User
        }
        type User @key(fields: "id") {
          id: ID!
          name: String
          email: String @authenticated
          phone: String @policy(policies: [["friend"]])
          isViewer: Boolean ${marksViewer ? '@personal' : ''}
          rolesOfViewer: [String!] @personal
        }
      `),
      resolvers: {
        Query: { user: (_root: unknown, { id }: Reference) => data.users.get(id) },
        User: {
          __resolveReference: ({ id }: Reference) => data.users.get(id),
          phone: () => '1234',
          isViewer: ({ id }: Reference, _args: unknown, { headers }: { headers: Record<string, unknown> }) =>
            callerOf(headers) === id,
          rolesOfViewer: (
            _user: unknown,
            _args: unknown,
            { headers }: { headers: Record<string, unknown> },
          ) => claimsOf(headers)?.roles,
        },
      },
    },
    {
      name: 'posts',
      typeDefs: schema(/* GraphQL */ `
        type Query {
          post(id: ID!): Post
        }
        type Subscription {
          postUpdated(postId: ID!): Post
            @event(channel: "post.{args.postId}.updated")
            @event(channel: "post.{args.postId}.deleted")
        }
        type Post @key(fields: "id") {
          id: ID!
          title(short: Boolean): String
          author: User
        }
        type User @key(fields: "id", resolvable: false) {
          id: ID!
        }
      `),
      resolvers: {
        Query: { post: (_root: unknown, { id }: Reference) => data.posts.get(id) },
        Post: {
          __resolveReference: ({ id }: Reference) => data.posts.get(id),
          title: ({ id }: Reference, { short }: { short?: boolean }) =>
            short ? data.posts.get(id)?.title.slice(0, 2) : data.posts.get(id)?.title,
          author: ({ id }: Reference) => user(data.posts.get(id)?.author),
        },
      },
    },
    {
      name: 'comments',
      typeDefs: schema(/* GraphQL */ `
        type Subscription {
          commentAdded(postId: ID!): Comment @event(channel: "post.{args.postId}.comment-added")
          commentAddedBy(authors: [ID!]): Comment
            @event(channel: "post.*.comment-added", filter: "event.data.authorId in args.authors")
          commentReported: Comment
            @event(channel: "post.*.comment-added", filter: "\\"ADMIN\\" in principal.roles")
          postActivity(postId: ID!): PostActivity
            @event(channel: "post.{args.postId}.comment-added")
            @event(channel: "post.{args.postId}.*")
          mentioned: Comment @event(channel: "user.{principal.sub}.mentioned")
        }
        type Query {
          comment(id: ID!): Comment
        }
        type Comment @key(fields: "id") {
          id: ID!
          body: String
          author: User
          post: Post
        }
        type Post @key(fields: "id") {
          id: ID!
          commentCount: Int
        }
        union PostActivity = Comment | Post
        type User @key(fields: "id", resolvable: false) {
          id: ID!
        }
      `),
      resolvers: {
        Query: { comment: (_root: unknown, { id }: Reference) => data.comments.get(id) },
        Comment: {
          __resolveReference: ({ id }: Reference) => data.comments.get(id),
          author: ({ id }: Reference) => user(data.comments.get(id)?.author),
          post: ({ id }: Reference) => ({ __typename: 'Post', id: data.comments.get(id)?.post }),
        },
        Post: {
          __resolveReference: ({ id }: Reference) => (data.posts.has(id) ? { id } : null),
          commentCount: ({ id }: Reference) =>
            [...data.comments.values()].filter((comment) => comment.post === id).length,
        },
      },
    },
  ]);
  return { ...supergraph, data };
}
