import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { prettyFormatQueryPlan, QueryPlanner } from '@apollo/query-planner';
import { toError } from '@tributary/errors';
import {
  compareAnswers,
  describeDifferences,
  describeOperation,
  type AnswerDifference,
} from '@tributary/testkit';
import { asyncProperty, check } from 'fast-check';
import { parse } from 'graphql';

import { createMonolith, type Asker } from './monolith.ts';
import { askers, randomQuestion, type Question } from './random-question.ts';
import { stockDefects, type StockDefect } from './stock-defects.ts';
import type { RealSupergraph } from './start-real-supergraph.ts';

/** Asks the gateway and the monolith the same, and says where their answers differ. */
export interface Oracle {
  judge(question: Question): Promise<readonly AnswerDifference[]>;
  /** Asks random questions until the answers to one differ. */
  search(options: SearchOptions): Promise<Verdict>;
  /** How many questions each known defect was taken for the reason of a difference in. */
  readonly overlooked: ReadonlyMap<string, number>;
}

export interface SearchOptions {
  readonly cases: number;
  /** Ends the search without a verdict on the rest. @default no limit */
  readonly seconds?: number;
  /** What a failure printed, to see it again. @default another one each time */
  readonly seed?: number;
  /** Looks for the smallest operation whose answers differ. @default true */
  readonly isShrunk?: boolean;
}

export interface Verdict {
  readonly seed: number;
  /** How many questions were asked before the answers to one differed; all of them when none did. */
  readonly cases: number;
  /** The question whose answers differ, how, and the plan for it; absent when none did. */
  readonly disagreement?: string;
}

// The gateway's own limit: an answer with more errors than that leaves the rest out.
const maxErrors = 100;

/** Makes the oracle for a supergraph that runs, and overlooks what its engine is known to do wrong. */
export async function createOracle(
  supergraph: RealSupergraph,
  knownDefects: readonly StockDefect[] = stockDefects,
): Promise<Oracle> {
  const monolith = createMonolith(supergraph.supergraphSdl);
  const explain = createExplainer(supergraph.supergraphSdl);
  const tokens = new Map<Asker, string>();
  for (const asker of askers)
    if ('userId' in asker) tokens.set(asker, await supergraph.signIn(asker.userId, asker.roles));

  const overlooked = new Map<string, number>();

  const judge = async (question: Question) => {
    const { asker, operation } = question;
    const { query, variables, operationName } = operation;
    const request = { query, variables, ...(operationName !== undefined && { operationName }) };
    const [actual, expected] = await Promise.all([
      supergraph.query(query, { ...request, token: tokens.get(asker) }),
      monolith.execute(request, asker),
    ]);
    // Objects of graphql-js have no prototype, and what it serialises to a Date is text for a client.
    const expectedBody = JSON.parse(JSON.stringify(expected)) as typeof actual.body;
    const asked = { ...operation, schema: monolith.schema };
    const differences = compareAnswers(actual.body, expectedBody, { maxErrors });
    const defects = differences.map((difference) =>
      knownDefects.find(({ explains }) => explains(difference, asked)),
    );
    for (const defect of new Set(defects))
      if (defect) overlooked.set(defect.name, (overlooked.get(defect.name) ?? 0) + 1);
    return differences.filter((_difference, index) => defects[index] === undefined);
  };

  const search = async ({ cases, seconds, seed, isShrunk = true }: SearchOptions): Promise<Verdict> => {
    const isAgreed = asyncProperty(randomQuestion(monolith.schema), async (question) => {
      const differences = await judge(question);
      return differences.length === 0;
    });
    const result = await check(isAgreed, {
      numRuns: cases,
      endOnFailure: !isShrunk,
      ...(seed !== undefined && { seed }),
      ...(seconds !== undefined && { interruptAfterTimeLimit: seconds * 1000 }),
    });
    if (!result.counterexample) return { seed: result.seed, cases: result.numRuns };
    const [question] = result.counterexample;
    const disagreement = [
      `The gateway and the monolith differ after ${result.numRuns} cases (ORACLE_SEED=${result.seed}):`,
      describeDifferences(await judge(question)),
      `asked by ${JSON.stringify(question.asker)}:`,
      describeOperation(question.operation),
      explain(question),
    ].join('\n');
    return { seed: result.seed, cases: result.numRuns, disagreement };
  };

  return { judge, search, overlooked };
}

/** Writes the plan that the stock planner makes for a question. */
function createExplainer(supergraphSdl: string): (question: Question) => string {
  const supergraph = Supergraph.build(supergraphSdl);
  const planner = new QueryPlanner(supergraph);
  return ({ operation: { document, operationName } }) => {
    const options = operationName === undefined ? {} : { operationName };
    try {
      const operation = operationFromDocument(supergraph.apiSchema(), document, options);
      return prettyFormatQueryPlan(planner.buildQueryPlan(operation));
    } catch (error: unknown) {
      return `There is no plan: ${toError(error).message}`;
    }
  };
}

/** The seed that a failure printed, given as ORACLE_SEED, to see the same cases again; another one without it. */
export const seedOfEnvironment = (): { readonly seed?: number } => {
  const seed = process.env['ORACLE_SEED'];
  return seed === undefined ? {} : { seed: Number(seed) };
};

/** A query that was written by hand, asked by nobody in particular. */
export const questionOf = (query: string, asker: Asker = askers[0]): Question => ({
  asker,
  operation: { query, variables: {}, document: parse(query) },
});
