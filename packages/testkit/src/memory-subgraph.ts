import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse, type GraphQLSchema } from 'graphql';

type Modules = Extract<Parameters<typeof buildSubgraphSchema>[0], readonly unknown[]>;
type Resolvers = NonNullable<Extract<Modules[number], { resolvers?: unknown }>['resolvers']>;

/** A request as a subgraph got it. */
export interface RecordedRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly headers: IncomingMessage['headers'];
}

/** Answers in place of the schema; whatever it does to the response is what the gateway gets. */
export type Misbehaviour = (response: ServerResponse, request: RecordedRequest) => void;

export interface MemorySubgraphOptions {
  readonly name: string;
  /** Its SDL; `federation('@key')` writes the link. */
  readonly typeDefs: string;
  /** The usual map of resolvers; `__resolveReference` included. Their context is the {@link RecordedRequest}. */
  readonly resolvers?: object;
  /** @default a free one */
  readonly port?: number;
}

/** A subgraph without a database, in this process. */
export interface MemorySubgraph {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  readonly sdl: string;
  /** Every GraphQL request since the start, oldest first. */
  readonly requests: readonly RecordedRequest[];
  /** Makes it answer wrongly, until it is called with `undefined`. */
  misbehave(how: Misbehaviour | undefined): void;
  stop(): Promise<void>;
}

/** The line that makes a schema a subgraph's: `federation('@key', '@shareable')`. */
export const federation = (...imports: readonly string[]): string =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ${JSON.stringify(imports)})\n`;

/**
 * Starts a subgraph whose data are what its resolvers say.
 *
 * @example
 * const users = await startMemorySubgraph({ name: 'users', typeDefs: 'type Query { me: String }', resolvers });
 * users.url; // 'http://127.0.0.1:41234/graphql'
 */
export async function startMemorySubgraph(options: MemorySubgraphOptions): Promise<MemorySubgraph> {
  const { name, typeDefs, resolvers = {} } = options;
  const schema = buildSubgraphSchema([{ typeDefs: parse(typeDefs), resolvers: resolvers as Resolvers }]);
  const requests: RecordedRequest[] = [];
  let misbehaviour: Misbehaviour | undefined;
  const server = createServer((request, response) => {
    if (request.url === '/health/ready') response.writeHead(200).end();
    else void answer(request, response, { schema, requests, misbehaviour: () => misbehaviour });
  });
  const port = await listen(server, options.port ?? 0);
  return {
    name,
    port,
    url: `http://127.0.0.1:${port}/graphql`,
    sdl: typeDefs,
    requests,
    misbehave: (how) => {
      misbehaviour = how;
    },
    stop: () => close(server),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  {
    schema,
    requests,
    misbehaviour,
  }: { schema: GraphQLSchema; requests: RecordedRequest[]; misbehaviour: () => Misbehaviour | undefined },
): Promise<void> {
  const body = JSON.parse(await text(request)) as Omit<RecordedRequest, 'headers'>;
  const recorded = { query: body.query, variables: body.variables ?? {}, headers: request.headers };
  requests.push(recorded);
  const misbehave = misbehaviour();
  if (misbehave) {
    misbehave(response, recorded);
    return;
  }
  const result = await graphql({
    schema,
    source: recorded.query,
    variableValues: recorded.variables,
    contextValue: recorded,
  });
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
}

function listen(server: Server, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once('error', reject);
  server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  return promise;
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  return promise;
}
