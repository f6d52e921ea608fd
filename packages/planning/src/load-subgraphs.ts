import { readFile } from 'node:fs/promises';

import type { SubgraphDefinition } from './compose-supergraph.ts';
import { fetchSubgraphSdl } from './fetch-subgraph-sdl.ts';
import { SupergraphConfigError, type SchemaSource, type SupergraphConfig } from './read-supergraph-config.ts';

/** How {@link loadSubgraphs} asks running subgraphs. */
export interface LoadSubgraphsOptions {
  /** For a `subgraph_url`. @default 10_000 */
  readonly fetchTimeoutMs?: number;
}

/**
 * Fetches the schemas that a supergraph file names, all at once.
 *
 * @example composeSupergraph(await loadSubgraphs(await readSupergraphConfig('supergraph.yaml')))
 * @throws {SupergraphConfigError} that lists every schema that could not be had
 */
export async function loadSubgraphs(
  { file, subgraphs }: SupergraphConfig,
  { fetchTimeoutMs = 10_000 }: LoadSubgraphsOptions = {},
): Promise<SubgraphDefinition[]> {
  const loads = await Promise.allSettled(subgraphs.map(({ schema }) => loadSdl(schema, fetchTimeoutMs)));
  const problems = loads.flatMap((load, index) => {
    if (load.status === 'fulfilled') return [];
    const reason = load.reason instanceof Error ? load.reason.message : String(load.reason);
    return [`subgraphs.${subgraphs[index]?.name}.schema: ${reason}`];
  });
  if (problems.length > 0) throw new SupergraphConfigError(file, problems);
  return subgraphs.map(({ name, routingUrl }, index) => {
    const load = loads[index];
    return { name, url: routingUrl, sdl: load?.status === 'fulfilled' ? load.value : '' };
  });
}

async function loadSdl(schema: SchemaSource, timeoutMs: number): Promise<string> {
  if (schema.kind === 'sdl') return schema.sdl;
  if (schema.kind === 'url') return fetchSubgraphSdl(schema.url, { headers: schema.headers, timeoutMs });
  return readFile(schema.file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`expected a readable file at ${schema.file}, but got ${error.code}`);
  });
}
