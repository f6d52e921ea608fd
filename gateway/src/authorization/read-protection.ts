import type { DocumentNode } from 'graphql';

import { Protection } from './protection.ts';
import { TypeGraph } from './type-graph.ts';

/** A supergraph as those read it who decide who may see what. */
export interface ReadProtection {
  readonly types: TypeGraph;
  readonly protection: Protection;
}

const known = new WeakMap<DocumentNode, ReadProtection>();

/** The same for the same supergraph: both keep what they found out, and on thousands of types finding out takes long. */
export function readProtection(supergraph: DocumentNode): ReadProtection {
  let read = known.get(supergraph);
  if (!read) {
    const types = new TypeGraph(supergraph);
    known.set(supergraph, (read = { types, protection: new Protection(supergraph, types) }));
  }
  return read;
}
