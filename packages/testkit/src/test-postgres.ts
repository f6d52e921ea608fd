import { startEmbeddedPostgres, type EmbeddedPostgres } from '@tributary/embedded-postgres';

import { makeTestFolder } from './test-folder.ts';

/** A real PostgreSQL in a temporary folder that goes with it; nothing is forced to disk. */
export const startTestPostgres = (databases: readonly string[]): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({ folder: makeTestFolder('postgres'), databases, durable: false });
