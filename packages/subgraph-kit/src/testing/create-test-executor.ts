import { randomUUID } from 'node:crypto';

import { graphql, type GraphQLError, type GraphQLSchema } from 'graphql';

import { createContext, type ContextParts } from '../context/create-context.ts';
import type { Principal } from '../context/principal.ts';
import { untilAborted } from '../context/request-limits.ts';
import type { Database, Sql } from '../database/database.ts';
import type { LoaderDefaults } from '../loaders/loader-registry.ts';
import type { LoaderStats } from '../loaders/loader.ts';
import { createSubgraphSchema, type SubgraphSchemaOptions } from '../schema/create-subgraph-schema.ts';
import { readSchema } from '../schema/read-schema.ts';

/** What is tested: a part of the definition that `startSubgraph` takes. */
export interface TestedSubgraph<Repositories, Loaders, Services>
  extends
    Pick<ContextParts<Repositories, Loaders, Services>, 'loaders' | 'currentUser'>,
    Omit<SubgraphSchemaOptions, 'typeDefs'> {
  /** The same file or folder that is served. */
  readonly schemaFile: URL;
}

export interface TestExecutorOptions<Repositories, Services> {
  /** Stand-ins for the database: the same for reading and inside a transaction. */
  readonly repositories: Repositories;
  readonly services: Services;
  /** Who asks, unless a single operation says otherwise. @default the requests carry no identity */
  readonly principal?: Principal;
  /** @default as served: batching, 100 keys */
  readonly loaderDefaults?: LoaderDefaults;
  /** Past it an execution is rejected with OPERATION_TOO_COMPLEX. @default no bound */
  readonly maxLoadedKeys?: number;
}

/** An answer before errors are masked, and what its loaders did. */
export interface TestAnswer {
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly errors: readonly GraphQLError[];
  readonly loaders: readonly LoaderStats[];
}

/** Runs operations against a subgraph without HTTP and without a database. */
export interface TestExecutor {
  execute(
    query: string,
    variables?: Readonly<Record<string, unknown>>,
    caller?: { readonly principal?: Principal },
  ): Promise<TestAnswer>;
}

/**
 * Makes an executor for a team's unit tests: the schema, resolvers, loaders and guards that are served, over
 * repositories that the test makes up.
 *
 * @example
 * const { execute } = await createTestExecutor(
 *   { schemaFile, resolvers, loaders: createLoaders },
 *   { repositories: { posts: { findByIds: async () => [post] } }, services: undefined });
 * (await execute('{ post(id: "1") { title } }')).data; // { post: { title: 'One' } }
 * @throws {CodedError} SCHEMA_INVALID, as a start does
 */
export async function createTestExecutor<Repositories, Loaders, Services>(
  subgraph: TestedSubgraph<Repositories, Loaders, Services>,
  options: TestExecutorOptions<Repositories, Services>,
): Promise<TestExecutor> {
  const { repositories, services, principal, loaderDefaults, maxLoadedKeys } = options;
  const schema = createSubgraphSchema({ ...subgraph, typeDefs: await readSchema(subgraph.schemaFile) });
  const parts = { ...subgraph, repositories: () => repositories, services };
  return {
    execute: async (query, variables = {}, caller = { ...(principal && { principal }) }) => {
      const { context, registry, end } = createContext(parts, {
        database: noDatabase,
        requestId: randomUUID(),
        principal: caller.principal,
        loaderDefaults,
        maxLoadedKeys,
      });
      const result = await untilAborted(context.signal, run(schema, query, variables, context));
      const loaders = registry.stats();
      await end();
      return { ...result, loaders };
    },
  };
}

async function run(
  schema: GraphQLSchema,
  source: string,
  variableValues: Readonly<Record<string, unknown>>,
  contextValue: object,
) {
  const { data = null, errors = [] } = await graphql({ schema, source, variableValues, contextValue });
  return { data, errors };
}

/** Transactions run, on the repositories of the test; nothing else of a database is there. */
const noDatabase: Database = {
  get sql() {
    return noSql;
  },
  transaction: (work) => work(noSql as never),
  ping: async () => {},
  stop: async () => {},
};

const noSql = new Proxy((() => {}) as unknown as Sql & Database['sql'], {
  apply: () => {
    throw new TypeError('Expected a test without a database to bring all repositories, but one wrote SQL');
  },
});
