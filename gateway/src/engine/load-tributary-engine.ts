import { apiSchema } from '@tributary/planning/api-schema';
import { startPlanner } from '@tributary/planning/planner';
import { buildASTSchema } from 'graphql';

import { createIdentityRule } from '../authorization/create-identity-rule.ts';
import type { LoadEngine } from './engine.ts';
import { OperationCompiler } from './operation-compiler.ts';

/** The compiled engine (docs/decisions/0013): plans in threads, and turns each plan into a program once. */
export const loadTributaryEngine: LoadEngine = async (
  supergraph,
  { subgraphClient, logger, isDevelopment },
) => {
  const schema = apiSchema(supergraph.sdl);
  const planner = await startPlanner(supergraph.sdl, {
    onThreadLost: (error) => logger.warn({ err: error }, 'a planning thread was lost and is replaced'),
  });
  const compiler = new OperationCompiler({
    schema,
    // It was composed, so it is valid: finding that out again would take as long as planning.
    supergraphSchema: buildASTSchema(supergraph.document, { assumeValid: true, assumeValidSDL: true }),
    subgraphs: supergraph.subgraphs,
    carriesIdentity: createIdentityRule(supergraph),
    planner,
    subgraphClient,
    keepsPlans: isDevelopment ?? false,
  });
  return { schema, plan: (request) => compiler.plan(request), stop: () => planner.stop() };
};
