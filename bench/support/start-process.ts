import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

import { pinned } from './cores.ts';
import { readProcessUsage, type ProcessUsage } from './process-usage.ts';
import type { RunScope } from './run-scope.ts';

export interface ProcessOptions {
  /** For messages and the name of the log. */
  readonly name: string;
  /** What Node runs: flags, a file and its arguments. */
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** The processor that it stays on. @default whichever is free */
  readonly core?: number | undefined;
}

/** A Node process that a benchmark started. */
export interface StartedProcess {
  readonly pid: number;
  /** CPU and memory so far, children and threads included. */
  usage(): ProcessUsage;
  /** Rejects when the process ends before it is stopped. */
  readonly ended: Promise<never>;
  /** Waits for what the process sends over its IPC channel when it is ready. */
  message<T>(): Promise<T>;
  /** Sends something to the process over its IPC channel. */
  send(message: object): void;
  /** The end of the log, for messages. */
  logTail(): string;
  /** Empties the log: it is written to a file, as in production, and would fill the disk. */
  forgetLog(): void;
  stop(): Promise<void>;
}

const exitWithParent = new URL('exit-with-parent.js', import.meta.url).href;
const stopTimeoutMs = 5000;
let count = 0;

/** Starts a process whose output goes to a file; it ends with the scope at the latest. */
export function startProcess(
  scope: RunScope,
  { name, args, env = {}, core }: ProcessOptions,
): StartedProcess {
  scope.signal.throwIfAborted();
  const logFile = join(scope.folder, `${name}-${(count += 1)}.log`);
  const log = openSync(logFile, 'a');
  const [file = '', ...rest] = pinned(core, [process.execPath, '--import', exitWithParent, ...args]);
  const child = spawn(file, rest, {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    cwd: scope.folder,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const stop = () => stopChild(child);
  scope.defer(stop);
  return {
    pid: child.pid ?? 0,
    usage: () => readProcessUsage(child.pid ?? 0),
    ended: rejectAtEnd(child, name, logFile),
    message: async <T>() => ((await once(child, 'message', { signal: scope.signal })) as [T])[0],
    send: (message) => void child.send(message),
    logTail: () => readTail(logFile),
    forgetLog: () => truncateSync(logFile),
    stop,
  };
}

function rejectAtEnd(child: ChildProcess, name: string, logFile: string): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  child.on('error', reject);
  child.on('exit', (code, signal) => {
    reject(new Error(`${name} ended with ${signal ?? `exit code ${code}`}:\n${readTail(logFile)}`));
  });
  // Whoever waits for the process sees it; nobody has to.
  promise.catch(() => {});
  return promise;
}

const tailLines = 20;

/** The folder of a run that was stopped may be gone already. */
function readTail(file: string): string {
  if (!existsSync(file)) return '';
  return readFileSync(file, 'utf8').trim().split('\n').slice(-tailLines).join('\n');
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
  await exited;
  clearTimeout(timer);
}
