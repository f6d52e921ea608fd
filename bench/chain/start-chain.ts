import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { EmbeddedPostgres } from '../../packages/embedded-postgres/src/index.ts';
import { composeSupergraph, expectSupergraph } from '../../packages/planning/src/index.ts';
import { freePort } from '../support/free-port.ts';
import { ownFlags } from '../support/own-flags.ts';
import { readProcessUsage } from '../support/process-usage.ts';
import type { RunScope } from '../support/run-scope.ts';
import { startProcess, type StartedProcess } from '../support/start-process.ts';
import { subgraphFile, subgraphNames, type SubgraphName } from './subgraphs.ts';
import type { Variant } from './variants.ts';

/** A chain that answers, in front of a PostgreSQL that it shares with other ones. */
export interface Chain {
  readonly variant: Variant;
  /** Where clients ask. */
  readonly url: string;
  /** CPU seconds so far of each process; PostgreSQL's are those of all its sessions. */
  cpuSeconds(): Readonly<Record<string, number>>;
  /** SQL statements of all subgraphs so far. */
  countStatements(): Promise<number>;
}

/** What a subgraph says when it is ready. */
interface SubgraphReady {
  readonly url: string;
  /** Where its statements are counted. @default /metrics */
  readonly metricsUrl?: string;
}

export interface RunningSubgraph extends SubgraphReady {
  readonly process: StartedProcess;
}

export interface ChainOptions {
  /** Gets a CPU profile of each process when it stops. */
  readonly profileFolder?: string | undefined;
}

/** Everybody runs as in production. Few connections, since all chains share one PostgreSQL. */
const common = {
  NODE_ENV: 'production',
  APOLLO_TELEMETRY_DISABLED: '1',
  DATABASE_POOL_SIZE: '5',
  HOST: '127.0.0.1',
};

const createKeys = () =>
  generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
/** Of all chains: who signs the tokens of clients, and who says to subgraphs who asks. */
export const keys = { identity: createKeys(), client: createKeys() };

/** Starts the processes of a variant, subgraphs first. */
export async function startChain(
  scope: RunScope,
  variant: Variant,
  postgres: EmbeddedPostgres,
  { profileFolder }: ChainOptions = {},
): Promise<Chain> {
  const flags = profileFolder ? ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`] : [];
  const subgraphs = {} as Record<SubgraphName, RunningSubgraph>;
  for (const name of subgraphNames)
    subgraphs[name] = await startSubgraph(scope, variant, name, postgres, flags);
  const { url, process } = await startGateway(scope, variant, subgraphs, flags);
  const processes = { gateway: process.pid, ...pidsOf(subgraphs), postgres: postgres.pid };
  return {
    variant,
    url,
    cpuSeconds: () =>
      Object.fromEntries(
        Object.entries(processes).map(([name, pid]) => [name, readProcessUsage(pid).cpuSeconds]),
      ),
    countStatements: async () => {
      const counts = await Promise.all(Object.values(subgraphs).map(countStatements));
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
}

const pidsOf = (subgraphs: Readonly<Record<SubgraphName, RunningSubgraph>>): Record<string, number> =>
  Object.fromEntries(Object.entries(subgraphs).map(([name, { process }]) => [name, process.pid]));

/** Starts one of the subgraphs in front of its database. */
export async function startSubgraph(
  scope: RunScope,
  { name: variant, make, subgraphs: settings = {} }: Variant,
  name: SubgraphName,
  postgres: EmbeddedPostgres,
  flags: readonly string[],
): Promise<RunningSubgraph> {
  const file =
    make === 'ours' ? subgraphFile(name, 'src/main.ts') : new URL('stock-subgraph.ts', import.meta.url);
  const process = startProcess(scope, {
    name: `${variant}-${name}`,
    args: [...flags, fileURLToPath(file), name],
    env: {
      ...common,
      PORT: '0',
      DATABASE_URL: postgres.url(name),
      IDENTITY_PUBLIC_KEY: keys.identity.publicKey,
      ...(name === 'users' && { JWT_PRIVATE_KEY: keys.client.privateKey }),
      ...settings,
    },
  });
  const ready = await Promise.race([process.message<SubgraphReady>(), process.ended]);
  return { ...ready, process };
}

/** Starts a gateway in front of subgraphs that run. */
export async function startGateway(
  scope: RunScope,
  { name, make, gateway = {} }: Variant,
  subgraphs: Readonly<Record<SubgraphName, RunningSubgraph>>,
  flags: readonly string[],
) {
  const supergraphFile = join(scope.folder, `${name}.graphql`);
  await writeFile(supergraphFile, await composeFor(make, subgraphs));
  const port = await freePort();
  const file = make === 'ours' ? '../../gateway/src/main.ts' : '../gateway/servers/stock.ts';
  const ownFlagsIfOurs = make === 'ours' ? ownFlags : [];
  const process = startProcess(scope, {
    name: `${name}-gateway`,
    args: [
      ...flags,
      ...ownFlagsIfOurs,
      fileURLToPath(new URL(file, import.meta.url)),
      supergraphFile,
      String(port),
    ],
    env: {
      ...common,
      PORT: String(port),
      SUPERGRAPH: supergraphFile,
      // Clients who all ask the same would be answered with a fraction of the fetches, which no real ones are.
      SUBGRAPH_SHARING: 'false',
      IDENTITY_PRIVATE_KEY: keys.identity.privateKey,
      JWT_JWKS_URL: `${subgraphs.users.url}/.well-known/jwks.json`,
      ...gateway,
    },
  });
  return { url: `http://127.0.0.1:${port}/graphql`, process };
}

/** Composes the product's schemas with the addresses of this run. */
async function composeFor(
  make: Variant['make'],
  subgraphs: Readonly<Record<SubgraphName, RunningSubgraph>>,
): Promise<string> {
  const definitions = await Promise.all(
    subgraphNames.map(async (name) => ({
      name,
      url: new URL(make === 'ours' ? '/graphql' : '/', subgraphs[name].url).href,
      sdl: await readFile(subgraphFile(name, 'schema.graphql'), 'utf8'),
    })),
  );
  return expectSupergraph(composeSupergraph(definitions)).supergraphSdl;
}

async function countStatements({ url, metricsUrl }: SubgraphReady): Promise<number> {
  const page = await (await fetch(metricsUrl ?? new URL('/metrics', url))).text();
  return Number(/^tributary_sql_statements_total\{.*\} (\d+)$/m.exec(page)?.[1] ?? 0);
}
