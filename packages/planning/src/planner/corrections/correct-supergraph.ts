import type { QueryPlan } from '@apollo/query-planner';
import { parse, print, type DocumentNode } from 'graphql';

import { mapFetches } from './map-fetches.ts';
import { Requirements } from './required-inputs.ts';
import { sharesRequiredObjects } from './required-objects.ts';
import { resolvableKeysFirst } from './resolvable-keys-first.ts';
import { restoreRequiredArguments } from './restore-required-arguments.ts';
import { separateRequiredArguments, type SeparationOptions } from './separate-required-arguments.ts';
import { splitFetch } from './split-fetch.ts';
import { SupergraphTypes } from './supergraph-types.ts';
import { waitForSplitFetches } from './wait-for-split-fetches.ts';

/** What the planner is to be given in place of a supergraph, and what is to be made of its plans. */
export interface CorrectedSupergraph {
  readonly supergraphSdl: string;
  /** Turns a plan for the corrected supergraph into one for the given supergraph. */
  correctPlan(plan: QueryPlan): QueryPlan;
  /** Whether in a corrected plan of an operation something may be lost that separate objects would keep. */
  sharesRequiredObjects(plan: QueryPlan, document: DocumentNode): boolean;
}

/** Keeps the planner from what it is known to do wrong (docs/decisions/0014). */
export function correctSupergraph(
  supergraphSdl: string,
  separation: SeparationOptions = {},
): CorrectedSupergraph {
  const { document, standIns } = separateRequiredArguments(
    resolvableKeysFirst(parse(supergraphSdl, { noLocation: true })),
    separation,
  );
  const types = new SupergraphTypes(document);
  const requirements = new Requirements(types, standIns);
  return {
    supergraphSdl: print(document),
    correctPlan: (plan) => {
      const split = mapFetches(plan, (fetch) => splitFetch(fetch, { standIns, requirements }));
      return mapFetches(waitForSplitFetches(split), (fetch) => [restoreRequiredArguments(fetch, standIns)]);
    },
    sharesRequiredObjects: (plan, operation) =>
      sharesRequiredObjects(plan, operation, { types, requirements }),
  };
}
