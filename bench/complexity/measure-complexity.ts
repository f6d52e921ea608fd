import { composeGraph, type ComposedGraph } from '../gateway/compose-graph.ts';
import { levels } from '../gateway/graphs/levels.ts';
import type { Load } from '../gateway/load.ts';
import { measureCell, type Pace } from '../gateway/measure-cell.ts';
import { peers } from '../gateway/peers.ts';
import { plain } from '../gateway/row.ts';
import { startPeer, verifyPeer, type RunningPeer } from '../gateway/running-peer.ts';
import { startSubgraphs, type RunningSubgraphs } from '../gateway/start-subgraphs.ts';
import { createClientTokens, type ClientTokens } from '../gateway/traffic.ts';
import { createTokenIssuer } from '../support/client-tokens.ts';
import { chooseCores, type Cores } from '../support/cores.ts';
import { say, type RunScope } from '../support/run-scope.ts';
import { lengthsOf, maxAnswerBytes, nameOf, operationOf, type ComplexityCell } from './operations.ts';
import type { ComplexityRow, GatewayFigures } from './row.ts';

/** What all cells of a run have in common. */
interface Bench {
  readonly scope: RunScope;
  readonly cores: Cores;
  readonly pace: Pace;
  readonly startedAt: number;
  readonly tokens: ClientTokens;
  readonly subgraphs: RunningSubgraphs;
  readonly composed: ComposedGraph;
  readonly tributary: RunningPeer;
  readonly stock: RunningPeer;
}

/** V8 has compiled what every operation needs before the first one is measured; each has a warm-up of its own besides. */
const warmUp: Pace = {
  plain: { warmUpSeconds: 10, roundSeconds: 1 },
  varied: { warmUpSeconds: 10, roundSeconds: 1 },
  rounds: 1,
};
const middle: ComplexityCell = { depth: '3-4', fields: '6-15', lists: '1-10' };

/** Measures both gateways, one operation after the other, over the same processes from the first cell to the last. */
export async function measureComplexity(
  scope: RunScope,
  cells: readonly ComplexityCell[],
  pace: Pace,
): Promise<readonly ComplexityRow[]> {
  const bench = await startBench(scope, pace);
  say('Warming up');
  await measureOperation({ ...bench, pace: warmUp }, middle);
  const rows: ComplexityRow[] = [];
  for (const cell of cells) {
    say(nameOf(cell));
    rows.push(await measureOperation(bench, cell));
  }
  return rows;
}

async function startBench(scope: RunScope, pace: Pace): Promise<Bench> {
  const startedAt = performance.now();
  const cores = chooseCores();
  say(`Complexity benchmark: ${cores.description}`);
  const issuer = createTokenIssuer();
  const subgraphs = await startSubgraphs(scope, cores, issuer);
  const composed = composeGraph(scope, levels, subgraphs.urls);
  const setup = {
    load: loadOf('levels', '', 0),
    supergraphFile: composed.supergraphFile,
    subgraphUrls: subgraphs.urls,
    jwksUrl: subgraphs.jwksUrl,
    tokens: issuer,
    // Clients that all ask the same would flatter us with it.
    sharing: false,
    forwardsIdentity: false,
  };
  const start = (name: 'tributary' | 'stock') => startPeer(scope, peers[name], setup, cores.measured);
  const tokens = createClientTokens(scope, issuer, 1);
  const [tributary, stock] = [await start('tributary'), await start('stock')];
  return { scope, cores, pace, startedAt, tokens, subgraphs, composed, tributary, stock };
}

async function measureOperation(bench: Bench, cell: ComplexityCell): Promise<ComplexityRow> {
  const { composed, tributary, stock } = bench;
  const text = operationOf(cell);
  const answer = JSON.stringify(composed.whole({ query: text }));
  const answerBytes = Buffer.byteLength(answer);
  if (answerBytes > maxAnswerBytes) {
    throw new Error(`Expected an answer of at most ${maxAnswerBytes} bytes, but got ${answerBytes}`);
  }
  const { data } = JSON.parse(answer) as { readonly data: unknown };
  const { fetches, ...ours } = await askOnce(bench, tributary, { text, data });
  const { fetches: fetchesOfStock, ...theirs } = await askOnce(bench, stock, { text, data });
  if (fetches !== fetchesOfStock)
    say(`  tributary sends ${fetches} requests to subgraphs, stock ${fetchesOfStock}`);
  const load = loadOf(nameOf(cell), text, answerBytes);
  const pace = paceFor(load, Math.max(ours.seconds, theirs.seconds), bench.pace);
  const rows = await measureCell({ ...bench, pace, load, variant: plain, whole: composed.whole }, [
    tributary,
    stock,
  ]);
  const figuresOf = (name: string): GatewayFigures => {
    const row = rows.find(({ peer }) => peer === name);
    if (!row) throw new Error(`Expected figures of ${name}`);
    const { cpuSecondsPer1k, p50Ms, p99Ms } = row;
    return { cpuSecondsPer1k, p50Ms, p99Ms };
  };
  const figures = { tributary: figuresOf('tributary'), stock: figuresOf('stock') };
  const ratio = figures.tributary.cpuSecondsPer1k / figures.stock.cpuSecondsPer1k;
  return { ...cell, lengths: lengthsOf(cell), answerBytes, fetches, ...figures, ratio: round(ratio) };
}

// Enough to tell how long a round has to be.
const warmUpRequests = 3;

/**
 * A quick warm-up may be over before a slow gateway has answered anything: all connections are served at the same time.
 *
 * @param seconds what one request takes alone
 */
function paceFor({ connections }: Load, seconds: number, pace: Pace): Pace {
  const needed = Math.ceil(seconds * connections * warmUpRequests);
  const warmUpSeconds = Math.max(pace.plain.warmUpSeconds, needed);
  return { ...pace, plain: { ...pace.plain, warmUpSeconds } };
}

/** What one operation takes that is planned already. */
async function askOnce(
  { scope, subgraphs }: Bench,
  peer: RunningPeer,
  { text, data }: { readonly text: string; readonly data: unknown },
): Promise<{ readonly fetches: number; readonly seconds: number }> {
  const expectation = { text, data, token: undefined };
  await verifyPeer(peer, expectation, scope.signal);
  await subgraphs.countFetches();
  const startedAt = performance.now();
  await verifyPeer(peer, expectation, scope.signal);
  const seconds = (performance.now() - startedAt) / 1000;
  return { fetches: await subgraphs.countFetches(), seconds };
}

const largeBytes = 20_000;

/** Few requests at a time where one takes long: those under way at the end of a round have cost something and are not counted. */
const loadOf = (name: string, text: string, answerBytes: number): Load => ({
  name: name.replaceAll(/\W+/g, '-'),
  graph: levels,
  connections: answerBytes < largeBytes ? 8 : 2,
  text: () => text,
});

const round = (ratio: number): number => Number(ratio.toPrecision(3));
