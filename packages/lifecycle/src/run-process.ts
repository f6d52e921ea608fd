import { constants } from 'node:os';
import { inspect } from 'node:util';

import { checkConfig, readEnvironment, type Environment } from '@tributary/config';

import { describeStartFailure } from './describe-start-failure.ts';
import { endOnFatalErrors } from './end-on-fatal-errors.ts';

/** What a process runs: it answers at `url` until `stop` has let it finish what it had begun. */
export interface RunningService {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Starts the service; it gets the environment with the lines of `CONFIG_FILE` beneath. */
export type StartService = (context: { readonly env: Environment }) => Promise<RunningService>;

/** What a started process tells its supervisor over the IPC channel. */
export interface ReadyMessage {
  readonly type: 'ready';
  readonly url: string;
}

const stopSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * The life of a process, from its settings to its exit code, the same for the gateway and every subgraph:
 *
 * - ready: `{ type: 'ready', url }` goes to the supervisor, if there is one;
 * - SIGTERM, SIGINT, SIGHUP or the end of the supervisor: it drains, for `DRAIN_TIMEOUT_MS` (10 s) at most, and
 *   exits with 0; a second signal ends it at once;
 * - a failed start: one line on stderr (with the stack when `LOG_LEVEL=debug`), exit code 1;
 * - an error that nobody caught: logged whole, exit code 1, since nobody knows what state it left.
 *
 * @example
 * // main.ts
 * await runProcess('users', async ({ env }) => startUsers(readConfig(env)));
 */
export async function runProcess(name: string, start: StartService): Promise<void> {
  endOnFatalErrors(name);
  const service = Promise.withResolvers<RunningService | undefined>();
  try {
    const env = readEnvironment(process.env);
    const { drainTimeoutMs } = checkConfig(env, (read) => ({
      drainTimeoutMs: read.integer('DRAIN_TIMEOUT_MS', { default: 10_000, min: 0 }),
    }));
    drainOnStopSignals(name, service.promise, drainTimeoutMs);
    const running = await start({ env });
    service.resolve(running);
    sayReady(running.url);
  } catch (error: unknown) {
    process.stderr.write(`${describeStartFailure(name, error)}\n`);
    if (process.env['LOG_LEVEL'] === 'debug') process.stderr.write(`${inspect(error)}\n`);
    process.exit(1);
  }
}

function sayReady(url: string): void {
  const message: ReadyMessage = { type: 'ready', url };
  // The callback takes the error of a supervisor that has just ended; 'disconnect' then says the same.
  process.send?.(message, undefined, undefined, () => {});
}

function drainOnStopSignals(
  name: string,
  service: Promise<RunningService | undefined>,
  drainTimeoutMs: number,
): void {
  let isDraining = false;
  const drainOnce = () => {
    if (isDraining) return;
    isDraining = true;
    void drain(name, service, drainTimeoutMs);
  };
  for (const signal of stopSignals) {
    process.on(signal, () => {
      if (isDraining) process.exit(128 + constants.signals[signal]);
      drainOnce();
    });
  }
  process.once('disconnect', drainOnce);
  // The supervisor may have ended while our modules were still loading, before anybody listened for it.
  if (process.send && !process.connected) drainOnce();
}

/** Waits for a start that is under way, since half a service cannot be stopped; the deadline covers both. */
async function drain(
  name: string,
  service: Promise<RunningService | undefined>,
  drainTimeoutMs: number,
): Promise<void> {
  const deadline = setTimeout(() => {
    process.stderr.write(`${name} did not drain within ${drainTimeoutMs} ms: it ends anyway\n`);
    process.exit(0);
  }, drainTimeoutMs);
  const running = await service;
  await running?.stop();
  clearTimeout(deadline);
  process.exit(0);
}
