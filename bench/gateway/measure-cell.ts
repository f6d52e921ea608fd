import type { Cores } from '../support/cores.ts';
import { alternate, mediansOf } from '../support/rounds.ts';
import { say, type RunScope } from '../support/run-scope.ts';
import { runWrk } from '../support/wrk.ts';
import type { Execute } from './graphs/executable.ts';
import type { Load } from './load.ts';
import { figureNames, isVaried, type Figures, type Row, type Variant } from './row.ts';
import { verifyPeer, type RunningPeer } from './running-peer.ts';
import { textsOf, writeBodies, type ClientTokens } from './traffic.ts';

/** How long and how often. */
export interface Pace {
  readonly plain: Seconds;
  readonly varied: Seconds;
  readonly rounds: number;
  /** A round goes on until so many requests were answered, about. @default one lasts as long as it lasts */
  readonly minRequests?: number;
  /** From then on, one round has to do. @default never */
  readonly hurriesAfterSeconds?: number;
}

interface Seconds {
  readonly warmUpSeconds: number;
  readonly roundSeconds: number;
}

export interface CellContext {
  readonly scope: RunScope;
  readonly cores: Cores;
  readonly load: Load;
  readonly variant: Variant;
  readonly pace: Pace;
  /** When the run began, by `performance.now()`. */
  readonly startedAt: number;
  /** What the whole graph answers without a gateway. */
  readonly whole: Execute;
  readonly tokens: ClientTokens;
}

const verifiedAfterwards = 10;

/** Measures gateways that run, in turn; each answers correctly before and after, or there is no figure. */
export async function measureCell(
  context: CellContext,
  candidates: readonly RunningPeer[],
): Promise<readonly Row[]> {
  const { scope, load, variant, pace } = context;
  const bodies = writeBodies(scope, load, variant);
  const { warmUpSeconds, roundSeconds } = isVaried(variant) ? pace.varied : pace.plain;
  // Requests that a candidate was sent, so that each round goes on with tokens that it has not seen lately.
  const sent = new Map<RunningPeer, number>();
  const secondsOf = new Map<RunningPeer, number>();
  const measure = (candidate: RunningPeer, seconds: number) =>
    measureRound(context, candidate, { bodies, seconds, sent });

  for (const candidate of candidates) {
    await verifyTexts(context, candidate, textsOf(load, variant));
    const { rps } = await measure(candidate, warmUpSeconds);
    secondsOf.set(candidate, Math.max(roundSeconds, Math.ceil((pace.minRequests ?? 0) / rps)));
  }
  const elapsedSeconds = (performance.now() - context.startedAt) / 1000;
  const rounds = elapsedSeconds > (pace.hurriesAfterSeconds ?? Infinity) ? 1 : pace.rounds;
  if (rounds < pace.rounds) say('  one round only: it has taken longer than usual so far');
  const measured = await alternate(candidates, rounds, (candidate) =>
    measure(candidate, secondsOf.get(candidate) ?? roundSeconds),
  );
  const rows: Row[] = [];
  for (const [candidate, figures] of measured) {
    await verifyTexts(context, candidate, textsOf(load, variant).slice(0, verifiedAfterwards));
    const row = {
      peer: candidate.peer.name,
      load: load.name,
      ...variant,
      ...mediansOf(figures, figureNames),
    };
    say(`  ${row.peer}: ${row.cpuSecondsPer1k.toFixed(3)} CPU seconds for 1,000 requests`);
    rows.push(row);
  }
  return rows;
}

interface RoundOptions {
  readonly bodies: string;
  readonly seconds: number;
  readonly sent: Map<RunningPeer, number>;
}

/**
 * Loads one gateway for a while. Requests that are under way at the end have cost something and are not counted: with
 * as few connections as there are that is less than the spread between rounds.
 */
async function measureRound(
  { scope, cores, load, variant, tokens }: CellContext,
  candidate: RunningPeer,
  { bodies, seconds, sent }: RoundOptions,
): Promise<Figures> {
  const sentBefore = sent.get(candidate) ?? 0;
  const before = candidate.usage();
  const running = runWrk(scope, {
    url: candidate.url,
    connections: load.connections,
    seconds,
    bodies,
    tokens: variant.identity === 'unique' ? tokens.file : undefined,
    sent: sentBefore,
    core: cores.around,
  });
  const { requests, ...figures } = await Promise.race([running, candidate.ended]).catch((error: unknown) => {
    throw new Error(`Load on ${candidate.peer.name} failed; its log ends with:\n${candidate.logTail()}`, {
      cause: error,
    });
  });
  const after = candidate.usage();
  sent.set(candidate, sentBefore + requests);
  candidate.forgetLog();
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
  return { cpuSecondsPer1k: (cpuSeconds / requests) * 1000, ...figures, rssMb: after.rssMb };
}

/** Also makes a gateway plan every text before anything is measured. */
async function verifyTexts(
  { scope, variant, whole, tokens }: CellContext,
  candidate: RunningPeer,
  texts: readonly string[],
): Promise<void> {
  const token = variant.identity === 'unique' ? tokens.all.at(-1) : undefined;
  for (const text of texts) {
    const { data } = JSON.parse(JSON.stringify(whole({ query: text }))) as { readonly data: unknown };
    await Promise.race([verifyPeer(candidate, { text, token, data }, scope.signal), candidate.ended]);
  }
}
