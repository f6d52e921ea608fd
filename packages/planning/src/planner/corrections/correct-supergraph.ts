import type { QueryPlan } from '@apollo/query-planner';
import { parse, print } from 'graphql';

import { mapFetches } from './map-fetches.ts';
import { Requirements } from './required-inputs.ts';
import { resolvableKeysFirst } from './resolvable-keys-first.ts';
import { restoreRequiredArguments } from './restore-required-arguments.ts';
import { separateRequiredArguments } from './separate-required-arguments.ts';
import { splitFetch } from './split-fetch.ts';
import { SupergraphTypes } from './supergraph-types.ts';
import { waitForSplitFetches } from './wait-for-split-fetches.ts';

/** What the planner is to be given in place of a supergraph, and what is to be made of its plans. */
export interface CorrectedSupergraph {
  readonly supergraphSdl: string;
  /** Turns a plan for the corrected supergraph into one for the given supergraph. */
  correctPlan(plan: QueryPlan): QueryPlan;
}

/** Keeps the planner from what it is known to do wrong (docs/decisions/0014). */
export function correctSupergraph(supergraphSdl: string): CorrectedSupergraph {
  const { document, standIns } = separateRequiredArguments(
    resolvableKeysFirst(parse(supergraphSdl, { noLocation: true })),
  );
  const requirements = new Requirements(new SupergraphTypes(document), standIns);
  const correctPlan = (plan: QueryPlan): QueryPlan => {
    const split = mapFetches(plan, (fetch) => splitFetch(fetch, { standIns, requirements }));
    return mapFetches(waitForSplitFetches(split), (fetch) => [restoreRequiredArguments(fetch, standIns)]);
  };
  return { supergraphSdl: print(document), correctPlan };
}
