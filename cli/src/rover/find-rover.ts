import { createRequire } from 'node:module';
import process from 'node:process';

/** A platform that rover is not built for, or an install that left its binary out. */
export class RoverMissingError extends Error {
  override readonly name = 'RoverMissingError';
}

/**
 * The native binary inside rover's npm package for this platform. Its own launcher is passed by: that one sets
 * `APOLLO_NODE_MODULES_BIN_DIR`, which is how we hand over the composer.
 *
 * @throws {RoverMissingError} that names the package that would have it
 */
export function findRover(): string {
  const name = packageName();
  const require = createRequire(import.meta.url);
  try {
    // The platform's package is a dependency of rover's, not of ours.
    return createRequire(require.resolve('@apollo/rover/package.json')).resolve(`${name}/rover`);
  } catch (error: unknown) {
    throw new RoverMissingError(`Expected the rover binary in the package ${name}, but it is not installed`, {
      cause: error,
    });
  }
}

function packageName(): string {
  const musl = process.platform === 'linux' && isMusl() ? '-musl' : '';
  return `@apollo/rover-${process.platform}-${process.arch}${musl}`;
}

/** Only glibc names its version in the report of a process. */
function isMusl(): boolean {
  // Otherwise the report looks up the names of all open connections.
  Object.assign(process.report, { excludeNetwork: true });
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime === undefined;
}
