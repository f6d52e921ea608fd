import type { CancelSignal } from './cancellation.ts';

/** Waits no longer than the signal allows; what still runs ends by the same signal, or is worth finishing. */
export function untilAborted<T>(running: Promise<T>, signal: CancelSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
    running.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
