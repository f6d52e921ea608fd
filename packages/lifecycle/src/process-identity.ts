import { readFileSync } from 'node:fs';

/**
 * A process by number and time of start, because numbers are used again.
 *
 * @example processIdentity(process.pid) // "4711 998877"
 */
export const processIdentity = (pid: number): string => `${pid} ${startTimeOf(pid)}`;

/** Whether the process that {@link processIdentity} described still runs. */
export function isSameProcess(identity: string): boolean {
  const pid = Number.parseInt(identity, 10);
  return isAlive(pid) && processIdentity(pid) === identity.trim();
}

/** Whether there is a process of this number that is more than a zombie nobody has collected. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error: unknown) {
    // EPERM: it is there, but belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  return statOf(pid)[0] !== 'Z';
}

/** Field 22 of /proc/PID/stat; where there is no /proc the number alone must do. */
const startTimeOf = (pid: number): string => statOf(pid)[19] ?? '';

/** The fields after the command name, which is in brackets and may hold anything. */
function statOf(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return []; // no /proc on this platform, or the process has just ended
  }
}
