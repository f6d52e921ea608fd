import { toError } from '@tributary/errors';
import type { Logger } from '@tributary/telemetry';

import type { Database } from '../database/database.ts';

/** Work that comes again, whoever asks or does not. Every process of a subgraph does it. */
export interface Task {
  /** As it stands in the log. */
  readonly name: string;
  /** From the end of one run to the next. */
  readonly everyMs: number;
  run(database: Database): Promise<void>;
}

/** Work that comes again, until it is stopped. */
export interface RunningTasks {
  /** Waits for what is under way. */
  stop(): Promise<void>;
}

/** Starts tasks. One that fails is said in the log and comes again. */
export function startTasks(tasks: readonly Task[], database: Database, logger: Logger): RunningTasks {
  const stops = tasks.map((task) => startTask(task, database, logger));
  return { stop: async () => void (await Promise.all(stops.map((stop) => stop()))) };
}

function startTask({ name, everyMs, run }: Task, database: Database, logger: Logger): () => Promise<void> {
  let isStopping = false;
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const schedule = () => {
    timer = setTimeout(() => void (running = runOnce()), everyMs);
  };
  const runOnce = async () => {
    try {
      await run(database);
    } catch (thrown: unknown) {
      logger.warn({ task: name, reason: toError(thrown).message }, 'task failed: it comes again');
    }
    if (!isStopping) schedule();
  };
  schedule();
  return async () => {
    isStopping = true;
    clearTimeout(timer);
    await running;
  };
}
