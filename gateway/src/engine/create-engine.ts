import { overrideLabelsOf, type Planner } from '@tributary/planning/planner';
import { buildASTSchema, type GraphQLSchema } from 'graphql';

import { createIdentityRule } from '../authorization/create-identity-rule.ts';
import { onceForEach } from '../once-for-each.ts';
import type { Operation } from '../operations/prepare-document.ts';
import type { Supergraph } from '../supergraph/read-supergraph.ts';
import type { Engine, EngineParts } from './engine.ts';
import { OperationCompiler } from './operation-compiler.ts';

export interface EngineOptions extends Pick<
  EngineParts,
  'subgraphClient' | 'isDevelopment' | 'programBytes'
> {
  /** What clients see. */
  readonly schema: GraphQLSchema;
  /** Ended with the engine. */
  readonly planner: Planner;
}

/** Puts the compiled engine of a supergraph together, around a planner of whatever kind. */
export function createEngine(
  supergraph: Supergraph,
  { schema, planner, subgraphClient, isDevelopment = false, programBytes }: EngineOptions,
): Engine {
  const compiler = new OperationCompiler({
    schema,
    // It was composed, so it is valid: finding that out again would take as long as planning.
    supergraphSchema: buildASTSchema(supergraph.document, { assumeValid: true, assumeValidSDL: true }),
    subgraphs: supergraph.subgraphs,
    carriesIdentity: createIdentityRule(supergraph),
    planner,
    subgraphClient,
    keepsPlans: isDevelopment,
    programBytes,
  });
  const labelsOf = overrideLabelsOf(supergraph.document);
  return {
    schema,
    subscribes: true,
    // Asked for at every request, and the same for an operation's whole life.
    overrideLabelsOf: onceForEach(({ document }: Operation) => labelsOf(document)),
    plan: (request) => compiler.plan(request),
    bytesOf: (operation) => compiler.bytesOf(operation),
    stop: () => planner.stop(),
  };
}
