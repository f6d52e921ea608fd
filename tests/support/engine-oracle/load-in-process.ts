import { createPlanBuilder } from '../../../packages/planning/src/planner/create-plan-builder.ts';
import { apiSchema } from '@tributary/planning/api-schema';
import { overrideLabelsOf, type Planner, type QueryPlan } from '@tributary/planning/planner';
import { buildASTSchema, type GraphQLSchema } from 'graphql';

import { createIdentityRule } from '../../../gateway/src/authorization/create-identity-rule.ts';
import type { LoadEngine } from '../../../gateway/src/engine/engine.ts';
import { OperationCompiler } from '../../../gateway/src/engine/operation-compiler.ts';

/** Places at which an engine is put together, for those who want to put something between. */
export interface EngineSeams {
  /** Changes what programs are compiled from. */
  readonly changePlan?: (plan: QueryPlan) => QueryPlan;
  /** Changes the schema that answers are written by. */
  readonly changeSchema?: (schema: GraphQLSchema) => void;
  readonly changeLabels?: (labels: readonly string[]) => readonly string[];
}

/** Our engine with its planner in this thread: starting threads for each supergraph would take longer than the cases. */
export const loadInProcess: LoadEngine = (supergraph, parts) => loadWithSeams({})(supergraph, parts);

export const loadWithSeams =
  ({ changePlan = same, changeSchema, changeLabels = same }: EngineSeams): LoadEngine =>
  async (supergraph, { subgraphClient }) => {
    const schema = apiSchema(supergraph.sdl);
    changeSchema?.(schema);
    const build = createPlanBuilder(supergraph.sdl);
    const planner: Planner = {
      // A plan comes from a thread as a copy without prototypes.
      plan: async (request) =>
        changePlan(
          structuredClone(build({ ...request, overrideLabels: changeLabels(request.overrideLabels) })),
        ),
      stop: async () => undefined,
    };
    const compiler = new OperationCompiler({
      schema,
      supergraphSchema: buildASTSchema(supergraph.document, { assumeValid: true, assumeValidSDL: true }),
      subgraphs: supergraph.subgraphs,
      carriesIdentity: createIdentityRule(supergraph),
      planner,
      subgraphClient,
      keepsPlans: false,
    });
    const labelsOf = overrideLabelsOf(supergraph.document);
    return {
      schema,
      overrideLabelsOf: ({ document }) => labelsOf(document),
      plan: (request) => compiler.plan(request),
      stop: () => planner.stop(),
    };
  };

const same = <T>(value: T): T => value;
