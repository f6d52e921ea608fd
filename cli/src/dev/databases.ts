import { setTimeout as delay } from 'node:timers/promises';

import { startEmbeddedPostgres, type EmbeddedPostgres } from '@tributary/embedded-postgres';

import { createBackoff } from './backoff.ts';
import { openLog, postgresFolder } from './data-folder.ts';
import type { DevSettings } from './dev-settings.ts';
import type { Reporter } from './reporter.ts';

/** The databases of this start. */
export interface Databases {
  /** The address of a subgraph's own database. */
  readonly urlOf: (subgraph: string) => string;
  /** The address of the event log's database; absent when the settings name a log. */
  readonly eventsUrl?: string;
  /** What a second Ctrl-C does: no checkpoint, the next start replays the log. */
  readonly kill: () => void;
  readonly stop: () => Promise<void>;
}

/** No subgraph can be called that. */
const eventsDatabase = 'event_log';

/**
 * Starts an embedded PostgreSQL for the subgraphs whose database address is not set, and for events when nothing says
 * where they go; none when everything is elsewhere.
 */
export async function startDatabases(
  { subgraphs, dataFolder, hasEventLog }: DevSettings,
  report: Reporter,
): Promise<Databases> {
  const given = new Map(subgraphs.map(({ name, local }) => [name, local?.databaseUrl]));
  const missing = subgraphs.filter(({ local }) => local && !local.databaseUrl).map(({ name }) => name);
  if (!hasEventLog) missing.push(eventsDatabase);
  if (missing.length === 0) {
    return { urlOf: (name) => given.get(name) ?? '', kill: () => {}, stop: () => Promise.resolve() };
  }
  const log = openLog(dataFolder, 'postgres');
  const start = (port?: number) =>
    sayingSteps(report, (onProgress) =>
      startEmbeddedPostgres({
        folder: postgresFolder(dataFolder),
        databases: missing,
        onProgress,
        onLog: (text) => void log.write(text),
        ...(port !== undefined && { port }),
      }),
    );
  const postgres = await start();
  const supervised = restartWhenEnded(postgres, start, report);
  return {
    urlOf: (name) => given.get(name) ?? postgres.url(name),
    ...(!hasEventLog && { eventsUrl: postgres.url(eventsDatabase) }),
    kill: () => supervised.kill(),
    stop: async () => {
      await supervised.stop();
      log.end();
    },
  };
}

/** Says the step that takes long, whichever of them that is; nothing any more once the work is done. */
async function sayingSteps<T>(
  report: Reporter,
  work: (onProgress: (step: string) => void) => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await work((step) => {
      clearTimeout(timer);
      timer = setTimeout(() => report.say(`${step} …`), 1000);
    });
  } finally {
    clearTimeout(timer);
  }
}

/** Starts PostgreSQL again at its port when it ends by itself: subgraphs connect again without being told. */
function restartWhenEnded(
  first: EmbeddedPostgres,
  start: (port: number) => Promise<EmbeddedPostgres>,
  report: Reporter,
): { kill: () => void; stop: () => Promise<void> } {
  const stopping = new AbortController();
  let postgres = first;
  const watch = async () => {
    const nextWaitMs = createBackoff();
    let startedMs = performance.now();
    for (;;) {
      await postgres.ended;
      if (stopping.signal.aborted) return;
      const waitMs = nextWaitMs(performance.now() - startedMs);
      report.say(`PostgreSQL ended by itself: it is started again in ${waitMs / 1000} s`);
      await delay(waitMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      startedMs = performance.now();
      try {
        postgres = await start(first.port);
        report.say('PostgreSQL answers again');
      } catch (error: unknown) {
        report.say(error instanceof Error ? error.message : String(error));
      }
    }
  };
  const watched = watch();
  return {
    kill: () => void process.kill(postgres.pid, 'SIGQUIT'),
    stop: async () => {
      stopping.abort();
      await postgres.stop();
      await watched;
      // One that was just being started when we were told to stop.
      await postgres.stop();
    },
  };
}
