import { randomBytes } from 'node:crypto';
import {
  chownSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import type { Binaries } from './binaries.ts';
import { EmbeddedPostgresError, explainOutput, notWritable } from './embedded-postgres-error.ts';
import { runProgram } from './run-program.ts';
import type { RunAs } from './run-as.ts';

/** The superuser of the embedded PostgreSQL. */
export const superuser = 'tributary';

/** Makes the folder, open enough that PostgreSQL's user can walk to its data in it. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    // Proves that it can be written to before anything is started.
    writeFileSync(join(folder, '.writable'), '');
    rmSync(join(folder, '.writable'));
  } catch (error: unknown) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'ENOSPC') throw explainOutput('No space left on device', { folder });
    throw notWritable(folder, code);
  }
}

/** The password that stands beside the data, made at the first start. Only the folder's owner can read it. */
export function readOrMakePassword(folder: string): string {
  const file = join(folder, 'password');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const password = randomBytes(24).toString('base64url');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return password;
}

/** @throws {EmbeddedPostgresError} when the data was written by another major version, which cannot read it */
export function checkVersion(folder: string, { majorVersion }: Binaries): void {
  const file = join(folder, 'data', 'PG_VERSION');
  if (!existsSync(file)) return;
  const found = readFileSync(file, 'utf8').trim();
  if (found === majorVersion) return;
  throw new EmbeddedPostgresError(
    'OTHER_VERSION',
    `${join(folder, 'data')} was made by PostgreSQL ${found}, but this is PostgreSQL ${majorVersion}: ` +
      `move it away or begin anew with "npm start -- --reset"`,
  );
}

/** Whether there is a complete set of data files. */
export const hasData = (folder: string): boolean => existsSync(join(folder, 'data', 'PG_VERSION'));

/** Creates the data files, in a folder of another name until they are complete: a killed start leaves no half. */
export async function createData(
  folder: string,
  password: string,
  binaries: Binaries,
  runAs: RunAs,
): Promise<void> {
  const unfinished = join(folder, 'data.unfinished');
  const passwordFile = join(folder, 'password.once');
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (runAs.user) {
    for (const path of [unfinished, passwordFile]) chownSync(path, runAs.user.uid, runAs.user.gid);
  }
  try {
    // The built-in locale sorts and folds Unicode alike on every machine, whatever locales that has installed.
    const { code, output } = await runProgram(runAs, binaries.initdb, [
      `--pgdata=${unfinished}`,
      `--username=${superuser}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-sync',
      '--no-instructions',
    ]);
    if (code !== 0) throw explainOutput(output, { folder });
    renameSync(unfinished, join(folder, 'data'));
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** The owner of the data must be the user that PostgreSQL runs as, and it refuses wider modes than this. */
export const protectData = (folder: string): void => chmodSync(join(folder, 'data'), 0o700);
