import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { toError } from '@tributary/errors';
import type { Logger } from '@tributary/telemetry';

/**
 * Calls `reload` after the schema file was written, for development: a schema that cannot be served is said in the
 * log and the one before stays.
 */
export function watchSchema(file: URL, logger: Logger, reload: () => Promise<void>): { stop(): void } {
  const path = fileURLToPath(file);
  let timer: NodeJS.Timeout | undefined;
  const run = async () => {
    try {
      await reload();
      logger.info({ file: path }, 'schema reloaded');
    } catch (thrown: unknown) {
      logger.error(
        { file: path, reason: toError(thrown).message },
        'schema not reloaded: the one before stays',
      );
    }
  };
  // The folder, not the file: editors replace files, and a watch on the old one would never fire again.
  const watcher = watch(dirname(path), (_event, name) => {
    if (name !== basename(path)) return;
    clearTimeout(timer);
    // One save is several events; the last one counts.
    timer = setTimeout(() => void run(), 50);
  });
  watcher.unref();
  return {
    stop: () => {
      clearTimeout(timer);
      watcher.close();
    },
  };
}
