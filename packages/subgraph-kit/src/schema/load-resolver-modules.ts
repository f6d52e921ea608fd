import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import type { ResolverMap } from './create-subgraph-schema.ts';

/**
 * Imports every `*.resolvers.ts` below a folder, in the order of their paths, and gives their `resolvers`: for a
 * subgraph that has outgrown one file. `createSubgraphSchema` joins them.
 *
 * @throws {TypeError} when a module exports no `resolvers`
 */
export async function loadResolverModules(folder: URL): Promise<ResolverMap[]> {
  const root = fileURLToPath(folder);
  const files = (await readdir(root, { recursive: true }))
    .filter((file) => /\.resolvers\.[jt]s$/.test(file))
    .toSorted();
  return Promise.all(files.map((file) => importResolvers(join(root, file))));
}

async function importResolvers(file: string): Promise<ResolverMap> {
  const module: unknown = await import(pathToFileURL(file).href);
  const isModule = typeof module === 'object' && module !== null && 'resolvers' in module;
  if (isModule && typeof module.resolvers === 'object' && module.resolvers !== null) return module.resolvers;
  throw new TypeError(`Expected ${file} to export "resolvers", but it does not`);
}
