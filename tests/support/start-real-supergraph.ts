import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startComments } from '@tributary/comments';
import { readConfig as readCommentsConfig } from '@tributary/comments/config';
import type { EmbeddedPostgres } from '@tributary/embedded-postgres';
import { composeSupergraph, expectSupergraph } from '@tributary/planning';
import { startPosts } from '@tributary/posts';
import { readConfig as readPostsConfig } from '@tributary/posts/config';
import type { RunningSubgraph } from '@tributary/subgraph-kit';
import { createTestKeys, signToken, startTestPostgres, type TestKeys } from '@tributary/testkit';
import { startUsers } from '@tributary/users';
import { readConfig as readUsersConfig } from '@tributary/users/config';

import { startTestGateway, type TestGateway } from './start-test-gateway.ts';

type Settings = Readonly<Record<string, string>>;

/** How each subgraph starts from its settings. */
const starters = {
  users: (env: Settings) => startUsers(readUsersConfig(env)),
  posts: (env: Settings) => startPosts(readPostsConfig(env)),
  comments: (env: Settings) => startComments(readCommentsConfig(env)),
} satisfies Record<string, (env: Settings) => Promise<RunningSubgraph>>;

export type SubgraphName = keyof typeof starters;

const names = Object.keys(starters) as SubgraphName[];

/** What the supergraph consists of besides its defaults. */
export interface RealSupergraphOptions {
  /** Settings of the gateway over the defaults of a test. */
  readonly gateway?: Settings;
  /** Settings of single subgraphs over the defaults of a test: `{ posts: { BATCHING: 'false' } }`. */
  readonly subgraphs?: Partial<Record<SubgraphName, Settings>>;
  /** The address under which the gateway finds a subgraph, for a proxy between the two. @default its own */
  readonly route?: (name: SubgraphName, url: string) => string | Promise<string>;
}

/** The whole product in this process: PostgreSQL, three subgraphs with the jsonplaceholder data, the gateway. */
export interface RealSupergraph {
  readonly gateway: TestGateway;
  /** Where each subgraph listens, without a path, and its database; `stop` stops this one only. */
  readonly users: RunningSubgraph;
  readonly posts: RunningSubgraph;
  readonly comments: RunningSubgraph;
  readonly supergraphSdl: string;
  /** Asks the gateway; `token` is what {@link signIn} gave. */
  query(query: string, options?: QueryOptions): ReturnType<TestGateway['query']>;
  /** A token as `signIn` of the users subgraph gives it, for a user of the given id and roles. */
  signIn(userId: string, roles?: readonly string[]): Promise<string>;
  /** Starts a stopped subgraph again, with its data and at its old address. */
  restart(name: SubgraphName): Promise<void>;
  stop(): Promise<void>;
}

export type QueryOptions = Parameters<TestGateway['query']>[1] & { readonly token?: string | undefined };

/**
 * Starts everything that `npm start` starts, on free ports.
 *
 * @example
 * const supergraph = await startRealSupergraph();
 * const { body } = await supergraph.query('{ me { email } }', { token: await supergraph.signIn('1') });
 * await supergraph.stop();
 */
export async function startRealSupergraph(options: RealSupergraphOptions = {}): Promise<RealSupergraph> {
  // What is started is stopped in reverse, also when a later start fails.
  const started = new AsyncDisposableStack();
  try {
    const keys = { client: createTestKeys(), identity: createTestKeys() };
    const postgres = await startTestPostgres(names);
    started.defer(() => postgres.stop());
    const start = (name: SubgraphName, more: Settings = {}) =>
      starters[name]({ ...settingsOf(name, keys, postgres), ...options.subgraphs?.[name], ...more });
    const subgraphs = {} as Record<SubgraphName, RunningSubgraph>;
    for (const name of names) {
      subgraphs[name] = await start(name);
      started.defer(() => subgraphs[name].stop());
    }
    const { file, supergraphSdl, remove } = await compose(subgraphs, options.route);
    started.defer(remove);
    const jwksUrl = `${subgraphs.users.url}/.well-known/jwks.json`;
    const gateway = await startTestGateway(
      { file },
      { IDENTITY_PRIVATE_KEY: keys.identity.privateKey, JWT_JWKS_URL: jwksUrl, ...options.gateway },
    );
    started.defer(() => gateway.stop());
    const keyId = await readKeyId(jwksUrl);

    return {
      gateway,
      get users() {
        return subgraphs.users;
      },
      get posts() {
        return subgraphs.posts;
      },
      get comments() {
        return subgraphs.comments;
      },
      supergraphSdl,
      query: (query, { token, headers, ...rest } = {}) =>
        gateway.query(query, {
          ...rest,
          headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
        }),
      signIn: (userId, roles = ['USER']) =>
        signToken(keys.client, {
          userId,
          roles,
          issuer: 'http://127.0.0.1:4001',
          audience: 'tributary',
          keyId,
          lifetimeSeconds: 3600,
        }),
      restart: async (name) => {
        subgraphs[name] = await start(name, { PORT: new URL(subgraphs[name].url).port });
      },
      stop: () => started.disposeAsync(),
    };
  } catch (error: unknown) {
    await started.disposeAsync();
    throw error;
  }
}

interface Keys {
  readonly client: TestKeys;
  readonly identity: TestKeys;
}

const settingsOf = (name: SubgraphName, keys: Keys, postgres: EmbeddedPostgres): Settings => ({
  PORT: '0',
  LOG_LEVEL: 'silent',
  SEED: 'jsonplaceholder',
  DATABASE_URL: postgres.url(name),
  // Three pools share one small PostgreSQL, and several test files run at a time.
  DATABASE_POOL_SIZE: '5',
  IDENTITY_PUBLIC_KEY: keys.identity.publicKey,
  ...(name === 'users' && { JWT_PRIVATE_KEY: keys.client.privateKey }),
});

/** Composes the schemas that the repository holds with the addresses of this moment. */
async function compose(
  running: Readonly<Record<SubgraphName, RunningSubgraph>>,
  route: RealSupergraphOptions['route'] = (_name, url) => url,
) {
  const definitions = await Promise.all(
    names.map(async (name) => ({
      name,
      url: `${await route(name, running[name].url)}/graphql`,
      sdl: await readFile(new URL(`../../subgraphs/${name}/schema.graphql`, import.meta.url), 'utf8'),
    })),
  );
  const { supergraphSdl } = expectSupergraph(composeSupergraph(definitions));
  const folder = await mkdtemp(join(tmpdir(), 'tributary-supergraph-'));
  const file = join(folder, 'supergraph.graphql');
  await writeFile(file, supergraphSdl);
  return { file, supergraphSdl, remove: () => rm(folder, { recursive: true, force: true }) };
}

async function readKeyId(jwksUrl: string): Promise<string> {
  const { keys } = (await (await fetch(jwksUrl)).json()) as { keys: readonly { kid: string }[] };
  const [key] = keys;
  if (!key) throw new Error(`Expected a key at ${jwksUrl}, but got none`);
  return key.kid;
}
