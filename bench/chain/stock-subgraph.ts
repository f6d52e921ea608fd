// A subgraph as Apollo's documentation shows it, `startStandaloneServer`, over the resolvers, loaders and SQL of ours.
// Argument: its name.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

import type { DocumentNode, GraphQLSchema } from 'graphql';

import {
  anonymous,
  createContext,
  createDatabase,
  defaultScalars,
  type ContextParts,
} from '../../packages/subgraph-kit/src/index.ts';
import { subgraphFile, type SubgraphName } from './subgraphs.ts';

type Parts = ContextParts<object, object, undefined>;

/** Apollo's packages as our subgraphs have them: beside this file, they would come with a graphql of their own. */
const require = createRequire(new URL('../../packages/subgraph-kit/package.json', import.meta.url));
const { ApolloServer } = require('@apollo/server') as { ApolloServer: new (options: object) => object };
const { startStandaloneServer } = require('@apollo/server/standalone') as {
  startStandaloneServer: (server: object, options: object) => Promise<{ readonly url: string }>;
};
const { buildSubgraphSchema } = require('@apollo/subgraph') as {
  buildSubgraphSchema: (modules: readonly object[]) => GraphQLSchema;
};
const { parse } = require('graphql') as { parse: (sdl: string) => DocumentNode };

const repositories = {
  users: 'createUserRepository',
  posts: 'createPostRepository',
  comments: 'createCommentRepository',
} as const;

const name = process.argv[2] as SubgraphName;
const load = async (file: string) =>
  (await import(subgraphFile(name, `src/${file}.ts`).href)) as Readonly<Record<string, unknown>>;

let statements = 0;
const database = createDatabase({
  url: process.env['DATABASE_URL'] ?? '',
  poolSize: Number(process.env['DATABASE_POOL_SIZE']),
  applicationName: name,
  onStatement: () => {
    statements += 1;
  },
});
const createRepository = (await load('repository'))[repositories[name]] as Parts['repositories'];
const parts: Parts = {
  repositories: (sql) => ({ [name]: createRepository(sql) }),
  loaders: (await load('loaders'))['createLoaders'] as Parts['loaders'],
  services: undefined,
};
const loaderDefaults = { isBatching: process.env['BATCHING'] !== 'false' };

const server = new ApolloServer({ schema: await buildSchema(), logger: silent() });
const { url } = await startStandaloneServer(server, {
  listen: { host: '127.0.0.1', port: 0 },
  context: async () => {
    const { context } = createContext(parts, {
      database,
      requestId: '',
      principal: anonymous,
      loaderDefaults,
    });
    const { loaders, principal, services } = context;
    return { loaders, principal, services, repositories: context.repositories, signal: context.signal };
  },
});

const metrics = createServer((_request, response) =>
  response.end(`tributary_sql_statements_total{subgraph="${name}"} ${statements}\n`),
).listen(0, '127.0.0.1');
await once(metrics, 'listening');
const { port } = metrics.address() as AddressInfo;
process.send?.({ url, metricsUrl: `http://127.0.0.1:${port}/` });

async function buildSchema(): Promise<GraphQLSchema> {
  const typeDefs = parse(await readFile(subgraphFile(name, 'schema.graphql'), 'utf8'));
  const declared = typeDefs.definitions.flatMap((node) => ('name' in node ? [node.name?.value] : []));
  const scalars = Object.entries(defaultScalars).filter(([scalar]) => declared.includes(scalar));
  const { resolvers } = (await load('resolvers')) as { readonly resolvers: object };
  return buildSubgraphSchema([{ typeDefs, resolvers: { ...resolvers, ...Object.fromEntries(scalars) } }]);
}

/** Nothing that it has to say belongs to the figures. */
function silent() {
  const ignore = () => {};
  return { debug: ignore, info: ignore, warn: ignore, error: ignore };
}
