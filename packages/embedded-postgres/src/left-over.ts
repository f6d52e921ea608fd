import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { EmbeddedPostgresError } from './embedded-postgres-error.ts';
import { isAlive, isSameProcess, processIdentity } from '@tributary/lifecycle/process-identity';

const pollMs = 10;
/** A fast shutdown writes one checkpoint; after this it is cut short, and the next start replays the log. */
const fastShutdownMs = 15_000;

/**
 * Stops the PostgreSQL that a killed process left in a folder, if there is one. PostgreSQL itself survives its
 * parent on purpose: it loses nothing that way.
 *
 * @returns whether there was one
 * @throws {EmbeddedPostgresError} when the process that started it still runs: then it is not left over but in use
 */
export async function stopLeftOver(folder: string): Promise<boolean> {
  const pid = findPostmaster(folder);
  if (pid === undefined) return false;
  refuseLivingOwner(folder);
  process.kill(pid, 'SIGINT');
  if (!(await isGoneWithin(pid, fastShutdownMs))) {
    process.kill(pid, 'SIGQUIT');
    await isGoneWithin(pid, fastShutdownMs);
  }
  return true;
}

/** Notes who started PostgreSQL in this folder. */
export const describeOwner = (): string => processIdentity(process.pid);

function refuseLivingOwner(folder: string): void {
  const owner = readText(join(folder, 'owner'));
  if (!owner || !isSameProcess(owner)) return;
  const pid = Number.parseInt(owner, 10);
  if (pid === process.pid) {
    throw new EmbeddedPostgresError(
      'FOLDER_IN_USE',
      `PostgreSQL in ${folder} is already started by this process`,
    );
  }
  throw new EmbeddedPostgresError(
    'FOLDER_IN_USE',
    `PostgreSQL in ${folder} is in use by process ${pid}: stop that one first or choose another folder`,
  );
}

/** The main process of a PostgreSQL that runs in the folder, by the file which that keeps there. */
function findPostmaster(folder: string): number | undefined {
  const file = join(folder, 'data', 'postmaster.pid');
  const pid = Number.parseInt(readText(file) ?? '', 10);
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return undefined;
  if (isPostgres(pid)) return pid;
  // The machine was restarted or the number went around: the process is somebody else's, the file means nothing.
  rmSync(file, { force: true });
  return undefined;
}

function isPostgres(pid: number): boolean {
  if (process.platform !== 'linux') return true;
  return /postgres/.test(readText(`/proc/${pid}/comm`) ?? '');
}

/** It is not our child, so no event tells of its end. */
async function isGoneWithin(pid: number, ms: number): Promise<boolean> {
  const deadline = Date.now() + ms;
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await delay(pollMs);
  }
  return true;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // absence is the usual case; what cannot be read is treated like it
  }
}
