import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startEmbeddedPostgres, type EmbeddedPostgres } from '@tributary/embedded-postgres';

/** A real PostgreSQL in a temporary folder that goes with it; nothing is forced to disk. */
export const startTestPostgres = (databases: readonly string[]): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({
    folder: mkdtempSync(join(tmpdir(), 'tributary-postgres-')),
    databases,
    durable: false,
  });
