import type { EmbeddedPostgres } from '../../packages/embedded-postgres/src/index.ts';
import { signToken } from '../../packages/testkit/src/index.ts';
import { keys, startGateway, startSubgraph, type RunningSubgraph } from '../chain/start-chain.ts';
import { startStore } from '../chain/start-store.ts';
import { subgraphNames, type SubgraphName } from '../chain/subgraphs.ts';
import { startRedis } from '../subscriptions/start-redis.ts';
import type { RunScope } from '../support/run-scope.ts';
import type { LogName } from './row.ts';

/** The product with two gateways, which have nothing in common but subgraphs and the log of events. */
export interface Replicas {
  /** Where somebody subscribes, and where somebody else writes. */
  readonly subscribers: string;
  readonly writers: string;
  /** Of the member who writes. */
  readonly token: string;
  stop(): Promise<void>;
}

const size = { users: 1000, posts: 1000, comments: 10_000 };

/** @returns `undefined` where there is no server for the log */
export async function startReplicas(scope: RunScope, log: LogName): Promise<Replicas | undefined> {
  const postgres = await startStore(scope, size);
  const eventsUrl = log === 'redis' ? await startRedis(scope, undefined) : await openDatabase(postgres);
  if (eventsUrl === undefined) return undefined;
  const settings = { EVENTS_URL: eventsUrl };
  const variant = { name: log, make: 'ours', subgraphs: settings, gateway: settings } as const;
  const subgraphs = {} as Record<SubgraphName, RunningSubgraph>;
  for (const name of subgraphNames) subgraphs[name] = await startSubgraph(scope, variant, name, postgres, []);
  const gateways: Awaited<ReturnType<typeof startGateway>>[] = [];
  for (const name of ['subscribers', 'writers']) {
    const gateway = await startGateway(scope, { ...variant, name: `${log}-${name}` }, subgraphs, []);
    await untilReady(scope, gateway.url);
    gateways.push(gateway);
  }
  const [subscribers, writers] = gateways.map(({ url }) => url) as [string, string];
  return {
    subscribers,
    writers,
    token: await signIn(subgraphs.users.url),
    stop: async () => {
      await Promise.all(gateways.map(({ process }) => process.stop()));
      await Promise.all(Object.values(subgraphs).map(({ process }) => process.stop()));
      await postgres.stop();
    },
  };
}

/** Beside those of the subgraphs, as `npm start` does. */
async function openDatabase(postgres: EmbeddedPostgres): Promise<string> {
  await postgres.createDatabase('event_log');
  return postgres.url('event_log');
}

async function untilReady({ signal }: RunScope, url: string): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const response = await fetch(new URL('/health/ready', url)).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function signIn(usersUrl: string): Promise<string> {
  const page = (await (await fetch(new URL('/.well-known/jwks.json', usersUrl))).json()) as {
    readonly keys: readonly [{ readonly kid: string }];
  };
  return signToken(keys.client, {
    userId: '1',
    roles: ['USER'],
    issuer: 'http://127.0.0.1:4001',
    audience: 'tributary',
    keyId: page.keys[0].kid,
    lifetimeSeconds: 86_400,
  });
}
