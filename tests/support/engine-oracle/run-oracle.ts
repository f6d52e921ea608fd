import { generateSupergraph, type GeneratedSupergraph } from '@tributary/testkit';

import type { LoadEngine } from '../../../gateway/src/engine/engine.ts';
import { loadReferenceEngine } from '../../../gateway/src/reference-engine/load-reference-engine.ts';
import { nameStockDefect } from './name-stock-defect.ts';
import { Coverage } from './coverage.ts';
import { startBench, type Bench } from './judge.ts';
import { loadInProcess } from './load-in-process.ts';
import { describeCase, questionsFor, search, type Case, type SearchResult } from './search.ts';
import { shrinkCase } from './shrink-case.ts';

export interface OracleOptions {
  readonly cases: number;
  readonly seed: number;
  /** @default no limit */
  readonly seconds?: number;
  /** Asks the stock engine as well, and names what it does wrong. */
  readonly asksStock: boolean;
  /** @default ours */
  readonly load?: LoadEngine;
}

export interface OracleReport extends SearchResult {
  readonly seed: number;
  readonly coverage: Coverage;
  /** The first case that our engine answers wrongly, made small; absent when it answers all rightly. */
  readonly disagreement: string | undefined;
  /** How often the stock engine answered wrongly, by the reason. */
  readonly stock: ReadonlyMap<string, number>;
}

/** Asks until our engine answers differently from graphql-js on the whole schema, or until there were enough cases. */
export async function runOracle({
  load = loadInProcess,
  asksStock,
  ...rest
}: OracleOptions): Promise<OracleReport> {
  const coverage = new Coverage();
  const stock = new StockJudge();
  let disagreement: string | undefined;
  try {
    const result = await search({
      ...rest,
      load,
      onCase: async (asked) => {
        coverage.add(asked);
        if (asksStock) await stock.judge(asked);
        if (asked.judgement.differences.length === 0) return false;
        disagreement = describeCase(await shrinkCase(asked, { load, seconds: 30 }));
        return true;
      },
    });
    return { ...result, seed: rest.seed, coverage, disagreement, stock: stock.defects };
  } finally {
    await stock.stop();
  }
}

/** Asks the stock engine, which is loaded once for each supergraph. */
class StockJudge {
  readonly defects = new Map<string, number>();
  #supergraph: GeneratedSupergraph | undefined;
  #bench: Bench | undefined;

  async judge({ supergraph, question }: Case): Promise<void> {
    if (this.#supergraph !== supergraph) {
      await this.stop();
      this.#bench = await startBench(supergraph, loadReferenceEngine);
      this.#supergraph = supergraph;
    }
    const judgement = await this.#bench?.judge(question);
    if (!judgement || judgement.differences.length === 0) return;
    const name = nameStockDefect(judgement, question, supergraph);
    this.defects.set(name, (this.defects.get(name) ?? 0) + 1);
  }

  async stop(): Promise<void> {
    await this.#bench?.stop();
    this.#bench = undefined;
  }
}

/** Judges one case by its name, as a failure printed it. */
export async function runCase(id: string, load: LoadEngine = loadInProcess): Promise<string | undefined> {
  const [seed = '', index = '0'] = id.split('#');
  const supergraph = generateSupergraph(seed);
  const question = questionsFor(supergraph, Number(index) + 1)[Number(index)];
  if (!question) throw new Error(`Expected a case, but ${id} is none`);
  const bench = await startBench(supergraph, load);
  try {
    const judgement = await bench.judge(question);
    if (judgement.differences.length === 0) return undefined;
    return describeCase(await shrinkCase({ supergraph, question, judgement, id }, { load }));
  } finally {
    await bench.stop();
  }
}

/** What a run went through, for people. */
export const describeReport = (report: OracleReport): string =>
  [
    `${report.cases} cases of seed ${report.seed} on ${report.supergraphs} supergraphs (composition refused ${report.refused} more)`,
    report.coverage.describe(),
    ...[...report.stock].map(([name, count]) => `  stock engine wrong in ${count}: ${name}`),
    '',
  ].join('\n');
