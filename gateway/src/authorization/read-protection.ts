import type { DocumentNode } from 'graphql';

import { onceForEach } from '../once-for-each.ts';
import { Protection } from './protection.ts';
import { TypeGraph } from './type-graph.ts';

/** A supergraph as those read it who decide who may see what. */
export interface ReadProtection {
  readonly types: TypeGraph;
  readonly protection: Protection;
}

/** The same for the same supergraph: both keep what they found out, and on thousands of types finding out takes long. */
export const readProtection = onceForEach((supergraph: DocumentNode): ReadProtection => {
  const types = new TypeGraph(supergraph);
  return { types, protection: new Protection(supergraph, types) };
});
