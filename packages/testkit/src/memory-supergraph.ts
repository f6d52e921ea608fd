import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { composeSupergraph, expectSupergraph } from '@tributary/planning';

import { startMemorySubgraph, type MemorySubgraph, type MemorySubgraphOptions } from './memory-subgraph.ts';

/** Subgraphs without databases, and the supergraph that they make. */
export interface MemorySupergraph {
  readonly sdl: string;
  /** A file with {@link sdl}, for the setting SUPERGRAPH. */
  readonly file: string;
  /** The subgraph of that name. */
  subgraph(name: string): MemorySubgraph;
  stop(): Promise<void>;
}

/**
 * Starts subgraphs and composes them.
 *
 * @throws {CompositionError} when they do not compose
 */
export async function startMemorySupergraph(
  definitions: readonly MemorySubgraphOptions[],
): Promise<MemorySupergraph> {
  const subgraphs = await Promise.all(definitions.map(startMemorySubgraph));
  const folder = await mkdtemp(join(tmpdir(), 'tributary-supergraph-'));
  const stop = async () => {
    await Promise.all(subgraphs.map((subgraph) => subgraph.stop()));
    await rm(folder, { recursive: true, force: true });
  };
  const { supergraphSdl } = await composeOr(stop, subgraphs);
  const file = join(folder, 'supergraph.graphql');
  await writeFile(file, supergraphSdl);
  return {
    sdl: supergraphSdl,
    file,
    subgraph: (name) => {
      const found = subgraphs.find((subgraph) => subgraph.name === name);
      if (!found) throw new Error(`Expected a subgraph "${name}", but there is none`);
      return found;
    },
    stop,
  };
}

async function composeOr(stop: () => Promise<void>, subgraphs: readonly MemorySubgraph[]) {
  try {
    return expectSupergraph(composeSupergraph(subgraphs));
  } catch (error: unknown) {
    await stop();
    throw error;
  }
}
