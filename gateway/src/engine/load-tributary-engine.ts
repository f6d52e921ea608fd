import { apiSchema } from '@tributary/planning/api-schema';
import { overrideLabelsOf, startPlanner } from '@tributary/planning/planner';
import { buildASTSchema } from 'graphql';

import { createIdentityRule } from '../authorization/create-identity-rule.ts';
import type { Operation } from '../operations/prepare-document.ts';
import type { LoadEngine } from './engine.ts';
import { OperationCompiler } from './operation-compiler.ts';

/** The compiled engine (docs/decisions/0013): plans in threads, and turns each plan into a program once. */
export const loadTributaryEngine: LoadEngine = async (
  supergraph,
  { subgraphClient, logger, isDevelopment, programBytes, planning },
) => {
  const schema = apiSchema(supergraph.sdl, { includeDefer: true });
  const planner = await startPlanner(supergraph.sdl, {
    ...planning,
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
    programBytes,
  });
  const labelsOf = overrideLabelsOf(supergraph.document);
  return {
    schema,
    overrideLabelsOf: onceForEach(({ document }) => labelsOf(document)),
    plan: (request) => compiler.plan(request),
    bytesOf: (operation) => compiler.bytesOf(operation),
    stop: () => planner.stop(),
  };
};

/** Asked for at every request, and the same for an operation's whole life. */
function onceForEach<Value>(find: (operation: Operation) => Value): (operation: Operation) => Value {
  const known = new WeakMap<Operation, Value>();
  return (operation) => {
    if (!known.has(operation)) known.set(operation, find(operation));
    return known.get(operation) as Value;
  };
}
