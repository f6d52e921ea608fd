import { setTimeout as delay } from 'node:timers/promises';

/** Ends early, and not in an error, when the signal fires. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined);
