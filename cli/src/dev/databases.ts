import { createWriteStream } from 'node:fs';
import { join } from 'node:path';

import { startEmbeddedPostgres } from '@tributary/embedded-postgres';

import { logFolder, postgresFolder } from './data-folder.ts';
import type { DevSettings } from './dev-settings.ts';

/** The databases of this start. */
export interface Databases {
  /** The address of a subgraph's own database. */
  readonly urlOf: (subgraph: string) => string;
  /** What a second Ctrl-C does: no checkpoint, the next start replays the log. */
  readonly kill: () => void;
  readonly stop: () => Promise<void>;
}

/** Starts an embedded PostgreSQL for the subgraphs whose database address is not set; none when all are. */
export async function startDatabases(
  { subgraphs, dataFolder }: DevSettings,
  onProgress: (step: string) => void,
): Promise<Databases> {
  const given = new Map(subgraphs.map(({ name, local }) => [name, local?.databaseUrl]));
  const missing = subgraphs.filter(({ local }) => local && !local.databaseUrl).map(({ name }) => name);
  if (missing.length === 0) {
    return { urlOf: (name) => given.get(name) ?? '', kill: () => {}, stop: () => Promise.resolve() };
  }
  const log = createWriteStream(join(logFolder(dataFolder), 'postgres.log'));
  const postgres = await startEmbeddedPostgres({
    folder: postgresFolder(dataFolder),
    databases: missing,
    onProgress,
    onLog: (text) => void log.write(text),
  });
  return {
    urlOf: (name) => given.get(name) ?? postgres.url(name),
    kill: () => void process.kill(postgres.pid, 'SIGQUIT'),
    stop: async () => {
      await postgres.stop();
      log.end();
    },
  };
}
