// Stock @apollo/gateway behind Apollo Server, standalone. Arguments: supergraph file, port. TRANSPORT=undici puts a data
// source in place of the stock one that sends its requests with undici.
import { readFileSync } from 'node:fs';

import {
  ApolloGateway,
  RemoteGraphQLDataSource,
  type GraphQLDataSource,
  type GraphQLDataSourceProcessOptions,
} from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { Pool } from 'undici';

interface Context {
  readonly authorization?: string | undefined;
}
type Process = GraphQLDataSource<Context & Record<string, unknown>>['process'];
type ProcessOptions = GraphQLDataSourceProcessOptions<Context & Record<string, unknown>>;

/** The stock data source, with the header that tells subgraphs who asks. */
class ForwardingDataSource extends RemoteGraphQLDataSource<Context & Record<string, unknown>> {
  override willSendRequest({ request, context }: ProcessOptions): void {
    if (context.authorization !== undefined)
      request.http?.headers.set('authorization', context.authorization);
  }
}

/** As little as a data source of one's own can do. */
function createUndiciDataSource(url: string): { readonly process: Process } {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: 128 });
  const process = async ({ request, context }: ProcessOptions) => {
    const { body } = await pool.request({
      path: pathname,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(context.authorization !== undefined && { authorization: context.authorization }),
      },
      body: JSON.stringify({ query: request.query, variables: request.variables }),
    });
    return body.json();
  };
  return { process: process as Process };
}

const [supergraphFile = '', port = ''] = process.argv.slice(2);
const { TRANSPORT, FORWARDS_IDENTITY } = process.env;

function dataSourceFor(url: string): GraphQLDataSource<Context & Record<string, unknown>> {
  if (TRANSPORT === 'undici') return createUndiciDataSource(url);
  return FORWARDS_IDENTITY === 'true'
    ? new ForwardingDataSource({ url })
    : new RemoteGraphQLDataSource({ url });
}

const gateway = new ApolloGateway({
  supergraphSdl: readFileSync(supergraphFile, 'utf8'),
  buildService: ({ url = '' }) => dataSourceFor(url),
});
const server = new ApolloServer<Context>({ gateway });
await startStandaloneServer(server, {
  listen: { host: '127.0.0.1', port: Number(port) },
  context: ({ req }) => Promise.resolve({ authorization: req.headers.authorization }),
});
