import { ApolloServer, type ApolloServerOptionsWithGateway } from '@apollo/server';
import {
  createApolloGateway,
  handOverResult,
  startThinServer,
  type ApolloGateway,
  type ApolloGatewayOptions,
  type Caller,
  type ThinServer,
  type ThinServerOptions,
} from '@tributary/gateway/apollo';
import { createLogger } from '@tributary/telemetry';
import { federation, startMemorySupergraph, type MemorySupergraph } from '@tributary/testkit';
import { GraphQLError } from 'graphql';

/** The context value of these tests is what `identify` gives. */
export interface TestContext extends Caller {
  readonly token?: string;
}

export type TestPlugin = NonNullable<ApolloServerOptionsWithGateway<TestContext>['plugins']>[number];

export interface TestApolloServer {
  readonly server: ApolloServer<TestContext>;
  readonly gateway: ApolloGateway;
  readonly url: string;
  /** Sends an operation by POST and gives the answer as it came. */
  post(body: object, headers?: Readonly<Record<string, string>>): Promise<TextAnswer>;
  stop(): Promise<void>;
}

export interface TextAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface TestApolloOptions {
  readonly server?: Omit<ApolloServerOptionsWithGateway<TestContext>, 'gateway'>;
  readonly gateway?: Partial<ApolloGatewayOptions<TestContext>>;
  readonly thin?: Partial<ThinServerOptions<TestContext>>;
}

/** Apollo Server around our engine, behind the thin HTTP layer. */
export async function startApolloServer(
  supergraph: Pick<MemorySupergraph, 'file'>,
  options: TestApolloOptions = {},
): Promise<TestApolloServer> {
  const logger = createLogger({ name: 'gateway', destination: { write: () => {} } });
  const gateway = createApolloGateway<TestContext>({
    supergraph: supergraph.file,
    identify: (caller) => caller,
    logger,
    ...options.gateway,
  });
  const server = new ApolloServer<TestContext>({
    gateway,
    stringifyResult: handOverResult,
    logger,
    ...options.server,
  });
  const thin: ThinServer = await startThinServer(server, {
    port: 0,
    context: ({ req }) => ({ token: req.headers.authorization ?? '' }),
    logger,
    ...options.thin,
  });
  const post = async (body: object, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(thin.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return { server, gateway, url: thin.url, post, stop: () => thin.stop() };
}

const users = [
  { id: 'u1', name: 'Ada', email: 'ada@example.org' },
  { id: 'u2', name: 'Grace', email: 'grace@example.org' },
];
const posts = [
  { id: 'p1', title: 'First', author: { __typename: 'User', id: 'u1' } },
  { id: 'p2', title: 'Second', author: { __typename: 'User', id: 'u2' } },
];

/** Users and their posts, with something to protect, something to change and something that fails. */
export const startApolloSupergraph = (): Promise<MemorySupergraph> =>
  startMemorySupergraph([
    {
      name: 'users',
      typeDefs:
        federation('@key', '@authenticated') +
        /* GraphQL */ `
          type Query {
            me: User
          }
          type Mutation {
            rename(input: RenameInput!): User
          }
          input RenameInput {
            id: ID!
            name: String! = "Nobody"
          }
          type User @key(fields: "id") {
            id: ID!
            name: String
            email: String @authenticated
            motto: String
          }
        `,
      resolvers: {
        Query: { me: () => users[0] },
        Mutation: { rename: (_root: unknown, { input }: { input: object }) => input },
        User: {
          __resolveReference: ({ id }: { id: string }) => users.find((user) => user.id === id),
          motto: () => {
            throw new GraphQLError('No motto yet', {
              extensions: { code: 'MOTTO_MISSING', hint: 'think', http: { status: 418 } },
            });
          },
        },
      },
    },
    {
      name: 'posts',
      typeDefs:
        federation('@key') +
        /* GraphQL */ `
          type Query {
            posts(first: Int = 10): [Post!]
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
        Query: { posts: (_root: unknown, { first }: { first: number }) => posts.slice(0, first) },
      },
    },
  ]);
