import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one run of a benchmark owns: everything in it is gone when the run ends, however it ends. */
export interface RunScope {
  /** For supergraphs, logs and request bodies; removed with everything in it. */
  readonly folder: string;
  /** Ends when somebody stops the run. */
  readonly signal: AbortSignal;
  /** Runs at the end, the last one first. */
  defer(cleanup: () => void | Promise<void>): void;
}

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a benchmark and cleans up behind it: also after Ctrl-C, and when the parent that supervises us is gone.
 *
 * @throws whatever the run throws, or the reason why it was stopped
 */
export async function runInScope(run: (scope: RunScope) => Promise<void>): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const stopped = new AbortController();
  stack.defer(stopOnSignals(stopped));
  const folder = await mkdtemp(join(tmpdir(), 'tributary-bench-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  try {
    await run({ folder, signal: stopped.signal, defer: (cleanup) => stack.defer(cleanup) });
  } finally {
    // Whatever failed because of it is no news.
    stopped.signal.throwIfAborted();
  }
}

/** The first signal ends the run; what a second one would cut short is the cleaning up, so it is ignored. */
function stopOnSignals(stopped: AbortController): () => void {
  const onSignal = (signal: string) => stopped.abort(new StoppedError(`Stopped by ${signal}`));
  const onParentGone = () => stopped.abort(new StoppedError('Stopped, because the parent process is gone'));
  for (const signal of stopSignals) process.on(signal, onSignal);
  process.on('disconnect', onParentGone);
  process.channel?.unref();
  return () => {
    for (const signal of stopSignals) process.off(signal, onSignal);
    process.off('disconnect', onParentGone);
  };
}

/** The run was stopped from outside: nothing to explain. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/** Says how the run goes, where it does not mix with a document on standard output. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`);
