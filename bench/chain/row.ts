import { medianOf } from '../support/rounds.ts';
import type { ChainFigures } from './measure-chain.ts';

/** One process of one variant; latency, throughput and statements are those of the whole chain. */
export interface Row {
  readonly variant: string;
  /** `total` is the sum of all others. */
  readonly process: string;
  readonly cpuSecondsPer1k: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rps: number;
  readonly sqlPerRequest: number;
}

/** The median of each figure over the rounds of a variant, a row for each process. */
export function toRows(variant: string, rounds: readonly ChainFigures[]): Row[] {
  const median = (figureOf: (figures: ChainFigures) => number) => medianOf(rounds.map(figureOf));
  const chain = {
    p50Ms: median(({ p50Ms }) => p50Ms),
    p99Ms: median(({ p99Ms }) => p99Ms),
    rps: median(({ rps }) => rps),
    sqlPerRequest: median(({ sqlPerRequest }) => sqlPerRequest),
  };
  return Object.keys(rounds[0]?.cpuSecondsPer1k ?? {}).map((process) => ({
    variant,
    process,
    cpuSecondsPer1k: median(({ cpuSecondsPer1k }) => cpuSecondsPer1k[process] ?? 0),
    ...chain,
  }));
}
