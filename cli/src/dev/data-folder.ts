import {
  chmodSync,
  createWriteStream,
  type WriteStream,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { stopLeftOver } from '@tributary/embedded-postgres';
import { isSameProcess, processIdentity } from '@tributary/lifecycle/process-identity';

import { DevError } from './dev-error.ts';

/** The data folder of a start, ours until it is released. */
export interface ClaimedFolder {
  /** An earlier start here was killed: what it had started may still be about to end. */
  readonly isAfterKill: boolean;
  readonly release: () => void;
}

/** Kept by a reset: it only makes starts faster. */
const compileCache = 'compile-cache';

/**
 * Nobody else looks into a data folder that we make. Root lends PostgreSQL a user, which must be able to walk through.
 * One that was there stays as it is: it may be a folder that is shared on purpose.
 */
const dataFolderMode = process.getuid?.() === 0 ? 0o711 : 0o700;

export const postgresFolder = (dataFolder: string): string => join(dataFolder, 'postgres');
const logFolder = (dataFolder: string): string => join(dataFolder, 'logs');
export const compileCacheFolder = (dataFolder: string): string => join(dataFolder, compileCache);

/**
 * Makes the folder ours, so that two starts never write to the same databases.
 *
 * @throws {DevError} when another start has it, or when it cannot be written to
 */
export function claimDataFolder(dataFolder: string): ClaimedFolder {
  const file = join(dataFolder, 'supervisor');
  const earlier = readIfThere(file);
  if (earlier !== undefined && isSameProcess(earlier)) {
    throw new DevError(
      `Tributary already runs in ${dataFolder} as process ${Number.parseInt(earlier, 10)}: stop that one first, ` +
        'or give this one a folder and ports of its own with TRIBUTARY_DATA and TRIBUTARY_PORT_BASE',
    );
  }
  try {
    mkdirSync(dataFolder, { recursive: true, mode: dataFolderMode });
    makeLogFolder(dataFolder);
    writeFileSync(file, processIdentity(process.pid));
  } catch (error: unknown) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new DevError(
      `${dataFolder} cannot be written to (${code}): make it writable or name another folder in TRIBUTARY_DATA`,
      { cause: error },
    );
  }
  return { isAfterKill: earlier !== undefined, release: () => rmSync(file, { force: true }) };
}

/** Throws away databases, keys and logs. */
export async function resetDataFolder(dataFolder: string): Promise<void> {
  await stopLeftOver(postgresFolder(dataFolder));
  const names = readdirSync(dataFolder).filter((name) => name !== compileCache && name !== 'supervisor');
  for (const name of names) rmSync(join(dataFolder, name), { recursive: true, force: true });
  makeLogFolder(dataFolder);
}

/** A new log for one of the processes. What they write may name members, so it is for nobody else. */
export const openLog = (dataFolder: string, name: string): WriteStream =>
  createWriteStream(join(logFolder(dataFolder), `${name}.log`), { mode: 0o600 });

/** Closes a folder of an earlier version too, whose files others could read. */
function makeLogFolder(dataFolder: string): void {
  mkdirSync(logFolder(dataFolder), { recursive: true, mode: 0o700 });
  chmodSync(logFolder(dataFolder), 0o700);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // the usual case: nobody is here
  }
}
