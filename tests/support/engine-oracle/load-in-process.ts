import { createPlanBuilder } from '../../../packages/planning/src/planner/create-plan-builder.ts';
import { apiSchema } from '@tributary/planning/api-schema';
import type { Planner, QueryPlan } from '@tributary/planning/planner';
import type { GraphQLSchema } from 'graphql';

import { createEngine } from '../../../gateway/src/engine/create-engine.ts';
import type { LoadEngine } from '../../../gateway/src/engine/engine.ts';

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
    const schema = apiSchema(supergraph.sdl, { includeDefer: true });
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
    return createEngine(supergraph, { schema, planner, subgraphClient });
  };

const same = <T>(value: T): T => value;
