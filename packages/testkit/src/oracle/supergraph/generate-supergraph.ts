import { apiSchema, composeSupergraph } from '@tributary/planning';
import type { GraphQLSchema } from 'graphql';

import { generateModel } from './generate-model.ts';
import { createMemoryExecutor, type MemoryExecutor } from './memory-executor.ts';
import type { SupergraphModel } from './model.ts';
import { printSubgraph } from './print-subgraph.ts';
import { World } from './world.ts';

/** A supergraph that composes, its subgraphs in this process, and its data. */
export interface GeneratedSupergraph {
  readonly seed: string;
  readonly sdl: string;
  /** What clients see, which is also the schema of the monolith. */
  readonly schema: GraphQLSchema;
  readonly world: World;
  readonly subgraphs: ReadonlyMap<string, MemoryExecutor>;
  /** How many models composition refused before this one, by code. */
  readonly refused: readonly string[];
}

/** Generates until a model composes. */
export function generateSupergraph(seed: string): GeneratedSupergraph {
  const refused: string[] = [];
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const model = generateModel(`${seed} ${attempt}`);
    const made = buildSupergraph(model, seed);
    if (typeof made !== 'string') return { ...made, refused };
    refused.push(made);
  }
  throw new Error(`Expected a supergraph for ${seed}, but composition refused all: ${refused.join(', ')}`);
}

/** Builds what a model says, or gives the code of why it does not compose. */
export function buildSupergraph(model: SupergraphModel, seed: string): GeneratedSupergraph | string {
  const composed = composeSupergraph(
    model.subgraphs.map((name) => ({
      name,
      url: `http://${name}.test/graphql`,
      sdl: printSubgraph(model, name),
    })),
  );
  if (composed.errors) return composed.errors[0].code;
  const world = new World(model, seed);
  return {
    seed,
    sdl: composed.supergraphSdl,
    schema: apiSchema(composed.supergraphSdl),
    world,
    subgraphs: new Map(model.subgraphs.map((name) => [name, createMemoryExecutor(world, name)])),
    refused: [],
  };
}
