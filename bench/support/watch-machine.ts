import { cpus } from 'node:os';

import { readProcessUsage } from './process-usage.ts';

/** Above this, what others do can be seen in the figures. */
const disturbingShare = 0.05;

/**
 * Watches how much of the machine others use from now on. Gives a warning for the report, or nothing when they were
 * quiet.
 *
 * @example
 * const disturbance = watchMachine();
 * await measure();
 * disturbance(); // 'Other processes took 31 % of the machine meanwhile: …'
 */
export function watchMachine(): () => string | undefined {
  const before = readMachine();
  return () => {
    const after = readMachine();
    const share = (after.othersSeconds - before.othersSeconds) / (after.seconds - before.seconds);
    if (share < disturbingShare) return undefined;
    return (
      `Other processes took ${Math.round(share * 100)} % of the machine meanwhile: ` +
      'absolute figures are too high and ratios less certain than on a quiet one'
    );
  };
}

/** What all processors have done since the machine started, and what of it was not ours. */
function readMachine(): { readonly seconds: number; readonly othersSeconds: number } {
  let seconds = 0;
  let busySeconds = 0;
  for (const { times } of cpus()) {
    const busy = times.user + times.nice + times.sys + times.irq;
    busySeconds += busy / 1000;
    seconds += (busy + times.idle) / 1000;
  }
  return { seconds, othersSeconds: busySeconds - readProcessUsage(process.pid).cpuSeconds };
}
