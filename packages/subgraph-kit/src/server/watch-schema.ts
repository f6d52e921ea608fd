import { statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { toError } from '@tributary/errors';
import type { Logger } from '@tributary/telemetry';

/** Looks at a schema until it is stopped. */
export interface SchemaWatcher {
  /** Waits for a reload that is under way. */
  stop(): Promise<void>;
}

/** One save is several events; the last one counts. */
const settleMs = 50;

/**
 * Calls `reload` after the schema was written, for development: a schema that cannot be served is said in the log and
 * the one before stays.
 *
 * @param schemaFile a file, or a folder of `*.graphql` files
 */
export function watchSchema(schemaFile: URL, logger: Logger, reload: () => Promise<void>): SchemaWatcher {
  const path = fileURLToPath(schemaFile);
  let timer: NodeJS.Timeout | undefined;
  // One after the other: of two that run at once, the older could end last and stay.
  let running = Promise.resolve();
  const reloadNext = () => {
    running = running.then(() => reloadAndSay(path, logger, reload));
  };
  const watcher = watchPath(path, () => {
    clearTimeout(timer);
    timer = setTimeout(reloadNext, settleMs);
  });
  watcher.on('error', (error) =>
    logger.warn({ file: path, reason: error.message }, 'schema no longer watched'),
  );
  watcher.unref();
  return {
    stop: async () => {
      clearTimeout(timer);
      watcher.close();
      await running;
    },
  };
}

async function reloadAndSay(path: string, logger: Logger, reload: () => Promise<void>): Promise<void> {
  try {
    await reload();
    logger.info({ file: path }, 'schema reloaded');
  } catch (thrown: unknown) {
    const reason = toError(thrown).message;
    logger.error({ file: path, reason }, 'schema not reloaded: the one before stays');
  }
}

function watchPath(path: string, onChange: () => void) {
  if (statSync(path).isDirectory()) {
    return watch(path, { recursive: true }, (_event, name) => {
      if (name?.endsWith('.graphql')) onChange();
    });
  }
  // The folder, not the file: editors replace files, and a watch on the old one would never fire again.
  return watch(dirname(path), (_event, name) => {
    if (name === basename(path)) onChange();
  });
}
