import { waitForMachine } from './one-at-a-time.ts';
import { runInScope, say, StoppedError, type RunScope } from './run-scope.ts';
import { watchMachine } from './watch-machine.ts';
import { ensureWrk } from './wrk.ts';

export interface BenchmarkOptions {
  /** Off where the load comes from clients of its own. @default true */
  readonly needsWrk?: boolean;
}

/**
 * Runs a benchmark that needs the machine to itself and prints its result; the process ends with 1 when it fails, and
 * with 130 when somebody stops it.
 *
 * @param prepare reads the options, before anybody waits for anything; what it returns gives the text of the result
 */
export async function runBenchmark(
  prepare: () => (scope: RunScope) => Promise<string>,
  { needsWrk = true }: BenchmarkOptions = {},
): Promise<void> {
  try {
    const measure = prepare();
    await runInScope(async (scope) => {
      if (needsWrk) ensureWrk();
      await waitForMachine(scope);
      const disturbance = watchMachine();
      const result = await measure(scope);
      say(disturbance() ?? 'Nothing else ran meanwhile');
      process.stdout.write(`${result}\n`);
    });
  } catch (error: unknown) {
    sayWhy(error);
    process.exitCode = error instanceof StoppedError ? 130 : 1;
  }
}

function sayWhy(error: unknown): void {
  say(error instanceof Error ? error.message : String(error));
  if (error instanceof Error && error.cause !== undefined) sayWhy(error.cause);
}
