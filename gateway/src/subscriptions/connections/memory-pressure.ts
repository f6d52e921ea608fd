import { totalmem } from 'node:os';

const bytesPerMb = 2 ** 20;

/** Nine tenths of what the process may have where something limits it, as a container does; else 0, which is never. */
export function defaultMemoryPressureMb(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? Math.floor((limit * 0.9) / bytesPerMb) : 0;
}

/**
 * Says whether the process takes more memory than that: what the system counts, which is what it ends a process for.
 *
 * @param used in bytes. @default the resident set of this process
 */
export const createMemoryPressure =
  (pressureMb: number, used: () => number = () => process.memoryUsage.rss()) =>
  (): boolean =>
    pressureMb > 0 && used() > pressureMb * bytesPerMb;
