import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner, type QueryPlan } from '@apollo/query-planner';
import { parse } from 'graphql';

import type { PlannerOptions, PlanRequest } from './planner.ts';
import { PlanningError } from './planning-error.ts';

/** The limits that the planner itself holds. */
export type PlanBuilderOptions = Pick<PlannerOptions, 'maxEvaluatedPlans' | 'pathsLimit'>;

/** Plans one operation, now and in this thread. */
export type PlanBuilder = (request: PlanRequest) => QueryPlan;

/**
 * Builds the planner of a supergraph: hundreds of milliseconds that every operation after the first one saves.
 *
 * @throws {Error} when the text is not a supergraph
 */
export function createPlanBuilder(
  supergraphSdl: string,
  { maxEvaluatedPlans = 10_000, pathsLimit }: PlanBuilderOptions = {},
): PlanBuilder {
  // All features: what the stock gateway refuses (authorization, @context) is the business of our own engine.
  const supergraph = Supergraph.build(supergraphSdl, { supportedFeatures: null });
  const apiSchema = supergraph.apiSchema();
  const planner = new QueryPlanner(supergraph, {
    incrementalDelivery: { enableDefer: true },
    // Written out: to find where the client's fragments still fit takes longer than planning does.
    reuseQueryFragments: false,
    debug: { maxEvaluatedPlans, pathsLimit: pathsLimit ?? null },
  });
  return ({ document, overrideLabels }) => {
    try {
      const operation = operationFromDocument(apiSchema, parse(document, { noLocation: true }));
      const overrideConditions = new Map(overrideLabels.map((label) => [label, true]));
      return planner.buildQueryPlan(operation, { overrideConditions });
    } catch (error: unknown) {
      throw toPlanningError(error);
    }
  };
}

function toPlanningError(error: unknown): PlanningError {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return isLimit(name, message)
    ? new PlanningError('too-complex', `The operation is too complex to plan: ${message}`, { cause: error })
    : new PlanningError('failed', `The operation cannot be planned: ${message}`, { cause: error });
}

const isLimit = (name: string, message: string): boolean =>
  /^Number of non-local selections exceeds limit|^Exceeded maximum recursive selections|^Too many options generated/.test(
    message,
  ) ||
  (name === 'RangeError' && message.startsWith('Maximum call stack size exceeded'));
