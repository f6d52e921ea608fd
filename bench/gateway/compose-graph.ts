import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { composeSupergraph, expectSupergraph } from '../../packages/planning/src/index.ts';
import type { RunScope } from '../support/run-scope.ts';
import { executableWhole, type Execute } from './graphs/executable.ts';
import type { Graph } from './graphs/graph.ts';

/** A graph as gateways take it. */
export interface ComposedGraph {
  readonly supergraphFile: string;
  /** What the whole graph answers without a gateway. */
  readonly whole: Execute;
}

/** Composes the subgraphs of a graph and writes the supergraph to a file. */
export function composeGraph(
  scope: RunScope,
  graph: Graph,
  urls: Readonly<Record<string, string>>,
): ComposedGraph {
  const { supergraphSdl } = expectSupergraph(
    composeSupergraph(graph.subgraphs.map(({ name, sdl }) => ({ name, url: urls[name] ?? '', sdl }))),
  );
  const supergraphFile = join(scope.folder, `${graph.name}.graphql`);
  writeFileSync(supergraphFile, supergraphSdl);
  return { supergraphFile, whole: executableWhole(graph, supergraphSdl) };
}
