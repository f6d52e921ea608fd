import type { Environment } from '@tributary/config';
import type { RunningSubgraph, SubgraphConfig } from '@tributary/subgraph-kit';
import {
  createTestKeys,
  postGraphQL,
  signIdentity,
  type GraphQLAnswer,
  type TestPrincipal,
} from '@tributary/testkit';

/** An answer of a subgraph and the SQL that it took, with `$` where values were. */
export interface SubgraphAnswer<Data> extends GraphQLAnswer<Data> {
  readonly statements: readonly string[];
}

/** The entities in the order of their representations. */
export type EntitiesAnswer<Entity> = SubgraphAnswer<{ readonly _entities: readonly (Entity | null)[] }>;

export interface AskOptions {
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Who asks; `{}` is somebody who did not sign in. @default nobody: the request carries no identity */
  readonly as?: TestPrincipal;
}

export interface TestSubgraph extends RunningSubgraph {
  /** Sends an operation as the gateway would. */
  ask<Data = Record<string, unknown>>(query: string, options?: AskOptions): Promise<SubgraphAnswer<Data>>;
  /** Asks for entities by their representations, as the gateway would. */
  entities<Entity = Record<string, unknown>>(
    representations: readonly object[],
    selection: string,
    options?: AskOptions,
  ): Promise<EntitiesAnswer<Entity>>;
}

const keys = createTestKeys();

/**
 * Starts a subgraph in this process, on a free port.
 *
 * @example await startTestSubgraph(startPosts, readConfig, { DATABASE_URL: postgres.url('posts') })
 */
export async function startTestSubgraph(
  start: (config: SubgraphConfig) => Promise<RunningSubgraph>,
  readConfig: (env: Environment) => SubgraphConfig,
  env: Environment,
): Promise<TestSubgraph> {
  const subgraph = await start(
    readConfig({ PORT: '0', LOG_LEVEL: 'silent', IDENTITY_PUBLIC_KEY: keys.publicKey, ...env }),
  );

  const ask = async <Data>(
    query: string,
    { variables = {}, as }: AskOptions = {},
  ): Promise<SubgraphAnswer<Data>> => {
    const identity = as && { 'tributary-identity': await signIdentity(keys, subgraph.name, as) };
    const answer = await postGraphQL<Data>(`${subgraph.url}/graphql`, {
      query,
      variables,
      headers: { 'tributary-debug': '1', ...identity },
    });
    const debug = answer.extensions?.['debug'] as { statements: readonly string[] } | undefined;
    return { ...answer, statements: debug?.statements ?? [] };
  };

  return {
    ...subgraph,
    ask,
    entities: (representations, selection, { variables, as } = {}) =>
      ask(
        `query ($representations: [_Any!]!) { _entities(representations: $representations) { ${selection} } }`,
        {
          variables: { ...variables, representations },
          ...(as && { as }),
        },
      ),
  };
}

/** Numbers from 1, as texts: ids of the seed data. */
export const idsTo = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => String(index + 1));

/** How many errors an answer has, and what the first one says. */
export const onlyError = ({ errors = [] }: GraphQLAnswer<unknown>) => ({
  count: errors.length,
  code: errors[0]?.extensions?.['code'],
  message: errors[0]?.message,
});

/** A page of a list as these tests ask for it. */
export interface TestConnection<Node> {
  readonly edges: readonly { readonly node: Node; readonly cursor: string }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/** The fields of {@link TestConnection}; only the ids of nodes are of interest. */
export const pageSelection =
  '{ edges { node { id } cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }';

/** Reads a list page by page, as a client does, until it says that there is no more. */
export async function walkPages<Node>(
  getPage: (after: string | null) => Promise<TestConnection<Node> | undefined>,
): Promise<TestConnection<Node>[]> {
  const pages: TestConnection<Node>[] = [];
  for (let after: string | null = null, isMore = true; isMore;) {
    const page: TestConnection<Node> | undefined = await getPage(after);
    if (!page) throw new TypeError(`Expected a page after ${after}, but got none`);
    pages.push(page);
    isMore = page.pageInfo.hasNextPage;
    after = page.pageInfo.endCursor;
  }
  return pages;
}
