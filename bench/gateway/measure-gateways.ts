import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { composeSupergraph, expectSupergraph } from '../../packages/planning/src/index.ts';
import { createTokenIssuer, type TokenIssuer } from '../support/client-tokens.ts';
import { chooseCores, type Cores } from '../support/cores.ts';
import { say, type RunScope } from '../support/run-scope.ts';
import { startProcess } from '../support/start-process.ts';
import { executableWhole, type Execute } from './graphs/executable.ts';
import { loads, type Load } from './loads.ts';
import type { Cell } from './matrix.ts';
import { measureCell, type Pace } from './measure-cell.ts';
import { peers, type PeerName } from './peers.ts';
import { describeVariant, type Row } from './row.ts';
import { startPeer, type RunningPeer } from './running-peer.ts';
import type { SubgraphsReady } from './servers/subgraphs.ts';
import { createClientTokens, type ClientTokens } from './traffic.ts';

/** What all measurements of a run have in common. */
interface Bench {
  readonly scope: RunScope;
  readonly cores: Cores;
  readonly pace: Pace;
  readonly startedAt: number;
  readonly issuer: TokenIssuer;
  readonly tokens: ClientTokens;
  readonly subgraphUrls: Readonly<Record<string, string>>;
}

// A gateway that remembers the last ten thousand tokens has forgotten one before it comes again.
const tokenCount = 30_000;

/** Measures the cells of a matrix, load by load; a gateway is started once for those that it is set up the same for. */
export async function measureGateways(
  scope: RunScope,
  cells: readonly Cell[],
  pace: Pace,
): Promise<readonly Row[]> {
  const startedAt = performance.now();
  const cores = chooseCores();
  say(`Gateway benchmark: ${cores.description}`);
  const issuer = createTokenIssuer();
  const subgraphUrls = await startSubgraphs(scope, cores, issuer);
  const tokens = createClientTokens(scope, issuer, tokenCount);
  const bench: Bench = { scope, cores, pace, startedAt, issuer, tokens, subgraphUrls };
  const rows: Row[] = [];
  for (const group of groupByStart(cells)) rows.push(...(await measureGroup(bench, group)));
  return rows;
}

async function startSubgraphs(
  scope: RunScope,
  cores: Cores,
  { jwks }: TokenIssuer,
): Promise<Readonly<Record<string, string>>> {
  const subgraphs = startProcess(scope, {
    name: 'subgraphs',
    core: cores.around,
    args: [fileURLToPath(new URL('servers/subgraphs.ts', import.meta.url)), JSON.stringify(jwks)],
    env: { NODE_ENV: 'production' },
  });
  const { urls } = await Promise.race([subgraphs.message<SubgraphsReady>(), subgraphs.ended]);
  return urls;
}

/** Cells for which the same processes serve. */
type Group = readonly [Cell, ...Cell[]];

const groupByStart = (cells: readonly Cell[]): readonly Group[] =>
  Object.values(
    Object.groupBy(cells, ({ load, variant }) => `${load} ${variant.sharing} ${variant.identity}`),
  ) as unknown as Group[];

async function measureGroup(bench: Bench, cells: Group): Promise<readonly Row[]> {
  const [{ load: loadName, variant }] = cells;
  const load = loads[loadName];
  const { supergraphFile, whole } = compose(bench, load);
  const wanted = new Set(cells.flatMap((cell) => cell.peers));
  const running = new Map<PeerName, RunningPeer>();
  try {
    for (const name of wanted) {
      const missing = peers[name].missing?.();
      if (missing !== undefined) {
        say(`Skipped ${name}: ${missing}`);
        continue;
      }
      const setup = {
        load,
        supergraphFile,
        subgraphUrls: bench.subgraphUrls,
        jwksUrl: jwksUrlOf(bench),
        tokens: bench.issuer,
        sharing: variant.sharing,
        forwardsIdentity: variant.identity !== 'none',
      };
      running.set(name, await startPeer(bench.scope, peers[name], setup, bench.cores.measured));
    }
    const rows: Row[] = [];
    for (const cell of cells) {
      say(`${load.name}: ${describeVariant(cell.variant)}`);
      const candidates = cell.peers.flatMap((name) => running.get(name) ?? []);
      rows.push(...(await measureCell({ ...bench, load, variant: cell.variant, whole }, candidates)));
    }
    return rows;
  } finally {
    await Promise.all([...running.values()].map((peer) => peer.stop()));
  }
}

const jwksUrlOf = ({ subgraphUrls }: Bench): string =>
  new URL('/.well-known/jwks.json', subgraphUrls['users']).href;

function compose(
  { scope, subgraphUrls }: Bench,
  { name, graph }: Load,
): { readonly supergraphFile: string; readonly whole: Execute } {
  const { supergraphSdl } = expectSupergraph(
    composeSupergraph(
      graph.subgraphs.map((subgraph) => ({
        name: subgraph.name,
        url: subgraphUrls[subgraph.name] ?? '',
        sdl: subgraph.sdl,
      })),
    ),
  );
  const supergraphFile = join(scope.folder, `${name}.graphql`);
  writeFileSync(supergraphFile, supergraphSdl);
  return { supergraphFile, whole: executableWhole(graph, supergraphSdl) };
}
