import { createTokenIssuer, type TokenIssuer } from '../support/client-tokens.ts';
import { chooseCores, type Cores } from '../support/cores.ts';
import { say, type RunScope } from '../support/run-scope.ts';
import { composeGraph } from './compose-graph.ts';
import { loads } from './loads.ts';
import type { Cell } from './matrix.ts';
import { measureCell, type Pace } from './measure-cell.ts';
import { peers, type PeerName } from './peers.ts';
import { describeVariant, type Row } from './row.ts';
import { startPeer, type RunningPeer } from './running-peer.ts';
import { startSubgraphs, type RunningSubgraphs } from './start-subgraphs.ts';
import { createClientTokens, type ClientTokens } from './traffic.ts';

/** What all measurements of a run have in common. */
interface Bench {
  readonly scope: RunScope;
  readonly cores: Cores;
  readonly pace: Pace;
  readonly startedAt: number;
  readonly issuer: TokenIssuer;
  readonly tokens: ClientTokens;
  readonly subgraphs: RunningSubgraphs;
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
  const subgraphs = await startSubgraphs(scope, cores, issuer);
  const tokens = createClientTokens(scope, issuer, tokenCount);
  const bench: Bench = { scope, cores, pace, startedAt, issuer, tokens, subgraphs };
  const rows: Row[] = [];
  for (const group of groupByStart(cells)) rows.push(...(await measureGroup(bench, group)));
  return rows;
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
  const { urls, jwksUrl } = bench.subgraphs;
  const { supergraphFile, whole } = composeGraph(bench.scope, load.graph, urls);
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
        subgraphUrls: urls,
        jwksUrl,
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
