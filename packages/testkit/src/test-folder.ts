import { accessSync, chmodSync, constants, mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where Linux keeps files in memory. */
const memory = '/dev/shm';
/** A PostgreSQL takes 50 MB; several run at a time, and a container may give all of them 64 MB. */
const enoughBytes = 1024 ** 3;

/**
 * Makes a folder for data that a test throws away, in memory where there is room for it: PostgreSQL makes a thousand
 * files for a database, which takes a disk up to a second. TMPDIR, where it is set, is used instead.
 *
 * Whoever makes it removes it. Its mode lets PostgreSQL's user in, which is not ours when the tests run as root.
 *
 * @example makeTestFolder('postgres') // "/dev/shm/tributary-postgres-Xa81Qd"
 */
export function makeTestFolder(name: string): string {
  const parent = !process.env['TMPDIR'] && isRoomy(memory) ? memory : tmpdir();
  const folder = mkdtempSync(join(parent, `tributary-${name}-`));
  chmodSync(folder, 0o755);
  return folder;
}

function isRoomy(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= enoughBytes;
  } catch {
    return false; // another system than Linux, or it is closed to us
  }
}
