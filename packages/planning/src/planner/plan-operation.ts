import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import type { QueryPlan } from '@apollo/query-planner';
import { Kind, parse, visit, type DocumentNode, type FieldNode } from 'graphql';

import { correctSupergraph } from './corrections/correct-supergraph.ts';
import { QueryPlanner } from './corrections/corrected-query-planner.ts';
import { findMissingFields, type MissingField } from './corrections/find-missing-fields.ts';
import type { SeparationOptions } from './corrections/separate-required-arguments.ts';
import { withConcreteFragments } from './corrections/with-concrete-fragments.ts';
import type { PlannerOptions, PlanRequest } from './planner.ts';
import { PlanningError } from './planning-error.ts';

/** The limits that the planner itself holds. */
export type PlanBuilderOptions = Pick<PlannerOptions, 'maxEvaluatedPlans' | 'maxPlanLength' | 'pathsLimit'>;

/** A plan, and whether planning with `separatesObjects` would keep something that this one may lose. */
export interface PlannedOperation {
  readonly plan: QueryPlan;
  readonly sharesRequiredObjects: boolean;
}

/** Plans one operation. */
export type PlanOperation = (request: PlanRequest) => PlannedOperation;

/**
 * Builds the planner itself, and what corrects it: hundreds of milliseconds.
 *
 * @throws {Error} when the text is not a supergraph
 */
export function createPlanOperation(
  supergraphSdl: string,
  { maxEvaluatedPlans = 10_000, maxPlanLength = Infinity, pathsLimit }: PlanBuilderOptions,
  separation: SeparationOptions = {},
): PlanOperation {
  const corrected = correctSupergraph(supergraphSdl, separation);
  // All features: what the stock gateway refuses (authorization, @context) is the business of our own engine. Not
  // validated, as stock: it takes longer than building, and a field that only its stand-in used is an unused external.
  const supergraph = Supergraph.build(corrected.supergraphSdl, {
    supportedFeatures: null,
    validateSupergraph: false,
  });
  const apiSchema = supergraph.apiSchema();
  const schema = apiSchema.toGraphQLJSSchema();
  const planner = new QueryPlanner(supergraph, {
    incrementalDelivery: { enableDefer: true },
    // Written out: to find where the client's fragments still fit takes longer than planning does.
    reuseQueryFragments: false,
    debug: { maxEvaluatedPlans, pathsLimit: pathsLimit ?? null },
  });
  const planDocument = (document: DocumentNode, overrideLabels: readonly string[]): QueryPlan => {
    const operation = operationFromDocument(apiSchema, document);
    const overrideConditions = new Map(overrideLabels.map((label) => [label, true]));
    return corrected.correctPlan(planner.buildQueryPlan(operation, { overrideConditions }));
  };
  const planWhole = (document: DocumentNode, overrideLabels: readonly string[]): QueryPlan => {
    const plan = planDocument(document, overrideLabels);
    const missing = findMissingFields(schema, document, plan);
    if (missing.length === 0) return plan;
    const fuller = withTypenameIn(document, missing);
    const fullerPlan = planDocument(fuller, overrideLabels);
    // Where nothing but __typename can be fetched of an interface, there is no object that could have its fields.
    const left = findMissingFields(schema, fuller, fullerPlan).filter(
      ({ isBelowAbstract }) => !isBelowAbstract,
    );
    if (left.length === 0) return fullerPlan;
    throw new PlanningError(
      'failed',
      `The plan of the operation leaves out ${left.map(({ path }) => path).join(', ')}`,
    );
  };
  const attempt = (write: () => DocumentNode, overrideLabels: readonly string[]): PlannedOperation => {
    try {
      const document = write();
      const plan = refuseLong(planWhole(document, overrideLabels), maxPlanLength);
      return { plan, sharesRequiredObjects: corrected.sharesRequiredObjects(plan, document) };
    } catch (error: unknown) {
      throw error instanceof PlanningError ? error : toPlanningError(error);
    }
  };
  return ({ document, overrideLabels }) => {
    const read = () => parse(document, { noLocation: true });
    try {
      return attempt(read, overrideLabels);
    } catch (error: unknown) {
      if (!(error instanceof PlanningError) || error.reason !== 'failed') throw error;
      // The planner has no way through some fragments on interfaces, where it has one through those on their types.
      // That is rare, and writing the operation so makes it longer, so only one that failed is.
      return attempt(() => withConcreteFragments(schema, read()), overrideLabels);
    }
  };
}

/** A short operation has a long plan where it goes through interfaces with many implementations. */
function refuseLong(plan: QueryPlan, maxLength: number): QueryPlan {
  const { length } = JSON.stringify(plan);
  if (length <= maxLength) return plan;
  throw new PlanningError(
    'too-complex',
    `Expected a plan of at most ${maxLength} characters, but got ${length}`,
  );
}

/** Asks for something in fields that are left out because nothing in them can be fetched. */
function withTypenameIn(document: DocumentNode, missing: readonly MissingField[]): DocumentNode {
  const nodes = new Set<FieldNode>(missing.map(({ node }) => node));
  // On the way in: on the way out a node is no longer the one that was found, when something in it has changed.
  return visit(document, { Field: { enter: (node) => (nodes.has(node) ? withTypename(node) : undefined) } });
}

const withTypename = (node: FieldNode): FieldNode =>
  node.selectionSet
    ? {
        ...node,
        selectionSet: { ...node.selectionSet, selections: [typename, ...node.selectionSet.selections] },
      }
    : node;

const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

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
