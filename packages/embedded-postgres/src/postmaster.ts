import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { Binaries } from './binaries.ts';
import { explainOutput } from './embedded-postgres-error.ts';
import type { RunAs } from './run-as.ts';
import { environment } from './run-program.ts';

/** A running PostgreSQL. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export interface PostmasterOptions {
  readonly folder: string;
  readonly port: number;
  readonly isDurable: boolean;
  readonly binaries: Binaries;
  readonly runAs: RunAs;
  readonly onLog: (text: string) => void;
}

/** What is said last before connections are taken. */
const readySentence = 'database system is ready to accept connections';
const keptOutputLength = 8192;
const shutdownMs = 15_000;

/** Starts PostgreSQL on data files that exist and waits until it takes connections. */
export async function startPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  const { binaries, runAs, folder, port, isDurable, onLog } = options;
  const command = runAs.command(binaries.postgres, postgresArguments(options));
  // Its own session: Ctrl-C goes to everything in ours, and the databases must outlive the subgraphs that drain.
  const child = spawn(command.file, command.args, {
    ...command.options,
    env: environment(),
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const endWithUs = () => child.kill('SIGINT');
  process.on('exit', endWithUs);
  child.once('exit', () => process.off('exit', endWithUs));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await waitUntilReady(child, { folder, port, onLog });
  return { pid: child.pid ?? 0, port, ended, stop: () => stopPostmaster(child, isDurable) };
}

function postgresArguments({ folder, port, isDurable }: PostmasterOptions): string[] {
  const settings: Record<string, string | number> = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '64MB',
    // Queries here are small: compiling one costs more than it saves.
    jit: 'off',
    log_checkpoints: 'off',
    log_timezone: 'UTC',
    timezone: 'UTC',
    ...(isDurable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', join(folder, 'data'), ...flags];
}

function waitUntilReady(
  child: ChildProcess,
  { folder, port, onLog }: Pick<PostmasterOptions, 'folder' | 'port' | 'onLog'>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    let isReady = false;
    child.stderr?.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      onLog(text);
      if (isReady) return;
      output = (output + text).slice(-keptOutputLength);
      if (!output.includes(readySentence)) return;
      isReady = true;
      resolve();
    });
    child.once('error', (error) => reject(explainOutput(`error: ${error.message}`, { folder, port })));
    child.once('close', () => reject(explainOutput(output, { folder, port })));
  });
}

/** Fast shutdown: open transactions are rolled back. Data that nobody will read again needs no checkpoint. */
async function stopPostmaster(child: ChildProcess, isDurable: boolean): Promise<void> {
  if (hasEnded(child)) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(isDurable ? 'SIGINT' : 'SIGQUIT');
  const timer = new AbortController();
  const late = delay(shutdownMs, 'late' as const, { signal: timer.signal }).catch(() => undefined);
  if ((await Promise.race([ended, late])) === 'late') child.kill('SIGQUIT');
  await ended;
  timer.abort();
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;
