import { createPlanBuilder } from '../../../packages/planning/src/planner/create-plan-builder.ts';
import { apiSchema } from '@tributary/planning/api-schema';
import type { Planner } from '@tributary/planning/planner';
import { buildASTSchema } from 'graphql';

import { createIdentityRule } from '../../../gateway/src/authorization/create-identity-rule.ts';
import type { LoadEngine } from '../../../gateway/src/engine/engine.ts';
import { OperationCompiler } from '../../../gateway/src/engine/operation-compiler.ts';

/** Our engine with its planner in this thread: starting threads for each supergraph would take longer than the cases. */
export const loadInProcess: LoadEngine = async (supergraph, { subgraphClient }) => {
  const schema = apiSchema(supergraph.sdl);
  const build = createPlanBuilder(supergraph.sdl);
  // A plan comes from a thread as a copy without prototypes.
  const planner: Planner = {
    plan: async (request) => structuredClone(build(request)),
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
  return { schema, plan: (request) => compiler.plan(request), stop: () => planner.stop() };
};
