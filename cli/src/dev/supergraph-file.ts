import { watch } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

import {
  composeInWorker,
  expectSupergraph,
  loadSubgraphs,
  type SubgraphDefinition,
  type SupergraphConfig,
} from '@tributary/planning';

import type { Reporter } from './reporter.ts';

/** Editors write a file in several steps: wait until it has been quiet for this long. */
const quietMs = 100;

/**
 * Composes the supergraph into a file.
 *
 * @throws {CompositionError} with every reason
 */
export async function writeSupergraph(config: SupergraphConfig, file: string): Promise<void> {
  await composeTo(file, await loadSubgraphs(config));
}

async function composeTo(file: string, subgraphs: readonly SubgraphDefinition[]): Promise<void> {
  const { supergraphSdl } = expectSupergraph(await composeInWorker(subgraphs));
  // The gateway watches this file: it must never see half of it.
  await writeFile(`${file}.new`, supergraphSdl);
  await rename(`${file}.new`, file);
}

/**
 * Composes again whenever a schema file changes. What does not compose is said and the last good supergraph stays.
 *
 * @returns ends the watching
 */
export function watchSchemas(config: SupergraphConfig, file: string, report: Reporter): () => void {
  const recompose = createRecomposer(config, file, report);
  let timer: NodeJS.Timeout | undefined;
  const watchers = schemaFolders(config).map(([folder, names]) =>
    // The folder, since most editors replace a file rather than write to it.
    watch(folder, (_event, name) => {
      if (name !== null && !names.has(name)) return;
      clearTimeout(timer);
      timer = setTimeout(() => void recompose(), quietMs);
    }).on('error', () => {}),
  );
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}

function schemaFolders({ subgraphs }: SupergraphConfig): [string, Set<string>][] {
  const folders = new Map<string, Set<string>>();
  for (const { schema } of subgraphs) {
    if (schema.kind !== 'file') continue;
    const folder = dirname(schema.file);
    folders.set(folder, (folders.get(folder) ?? new Set()).add(basename(schema.file)));
  }
  return [...folders];
}

/** One composition at a time; a change that comes meanwhile gets the next one. */
function createRecomposer(config: SupergraphConfig, file: string, report: Reporter): () => Promise<void> {
  let isBusy = false;
  let isStale = false;
  return async () => {
    isStale = true;
    if (isBusy) return;
    isBusy = true;
    while (isStale) {
      isStale = false;
      await composeAndReport(config, file, report);
    }
    isBusy = false;
  };
}

async function composeAndReport(config: SupergraphConfig, file: string, { say }: Reporter): Promise<void> {
  const startMs = performance.now();
  try {
    await writeSupergraph(config, file);
    say(`A schema changed: the new supergraph was composed in ${Math.round(performance.now() - startMs)} ms`);
  } catch (error: unknown) {
    const reason = error instanceof Error ? error.message : String(error);
    say(`A schema changed, but the last good supergraph stays in use. ${reason}`);
  }
}
