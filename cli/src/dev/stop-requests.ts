import { constants } from 'node:os';

/** Requests to stop, from wherever they come. */
export interface StopRequests {
  readonly signal: AbortSignal;
  readonly close: () => void;
}

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * One Ctrl-C may arrive several times: from the terminal, and again from npm and others in between that pass it on.
 */
const samePressMs = 500;

/**
 * Aborts on the first Ctrl-C, SIGTERM or SIGHUP, or when the process that started us over IPC is gone. A second
 * one calls `onImpatience` and exits at once.
 */
export function listenForStop(onImpatience: () => void): StopRequests {
  const controller = new AbortController();
  let firstMs = 0;
  const handle = (signal: NodeJS.Signals) => {
    if (!controller.signal.aborted) {
      firstMs = performance.now();
      return controller.abort();
    }
    if (performance.now() - firstMs < samePressMs) return;
    onImpatience();
    process.exit(128 + constants.signals[signal]);
  };
  const handleDisconnect = () => controller.abort();
  for (const signal of stopSignals) process.on(signal, handle);
  process.once('disconnect', handleDisconnect);
  return {
    signal: controller.signal,
    close: () => {
      for (const signal of stopSignals) process.off(signal, handle);
      process.off('disconnect', handleDisconnect);
    },
  };
}
