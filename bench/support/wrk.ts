import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { pinned } from './cores.ts';
import { say, type RunScope } from './run-scope.ts';

/** What wrk sends, and for how long. */
export interface WrkOptions {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** A file with one JSON body in each line, sent in turn. */
  readonly bodies: string;
  /** A file with one bearer token in each line, sent in turn. */
  readonly tokens?: string | undefined;
  /** How many requests were sent before: the bodies and tokens go on from there. @default 0 */
  readonly sent?: number;
  readonly core?: number | undefined;
}

/** What wrk saw. */
export interface WrkResult {
  readonly requests: number;
  readonly rps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const script = fileURLToPath(new URL('wrk.lua', import.meta.url));

/**
 * Puts a server under as much load as its connections allow, from one thread.
 *
 * @throws {Error} when a single request fails: figures of failures are worth nothing
 */
export async function runWrk(scope: RunScope, options: WrkOptions): Promise<WrkResult> {
  const { url, connections, seconds, bodies, tokens = '-', sent = 0, core } = options;
  const [file = '', ...args] = pinned(core, [
    'wrk',
    '--threads=1',
    `--connections=${connections}`,
    `--duration=${seconds}s`,
    '--timeout=30s',
    `--script=${script}`,
    url,
    '--',
    bodies,
    tokens,
    String(sent),
  ]);
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], signal: scope.signal });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  return readResult(output);
}

function readResult(output: string): WrkResult {
  const line = /^result (.+)$/m.exec(output)?.[1];
  if (line === undefined) throw new Error(`Expected figures of wrk, but got:\n${output}`);
  const { requests, microseconds, p50, p99, failed } = JSON.parse(line) as Record<string, number>;
  if (failed || !requests || !microseconds) {
    throw new Error(`Expected every request to succeed, but ${failed} of ${requests} failed:\n${output}`);
  }
  return {
    requests,
    rps: requests / (microseconds / 1e6),
    p50Ms: (p50 ?? 0) / 1000,
    p99Ms: (p99 ?? 0) / 1000,
  };
}

const installCommands: readonly (readonly [string, ...string[]])[] = [
  ['apt-get', 'install', '--yes', '--no-install-recommends', 'wrk'],
  ['apt-get', 'update'],
  ['apt-get', 'install', '--yes', '--no-install-recommends', 'wrk'],
];

/**
 * Installs the load generator where it is missing and Debian's packages are at hand.
 *
 * @throws {Error} one line that says what to do
 */
export function ensureWrk(): void {
  if (isInstalled()) return;
  say('Installing wrk, the load generator, as a Debian package …');
  for (const [file, ...args] of installCommands) {
    spawnSync(file, args, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
    if (isInstalled()) return;
  }
  throw new Error(
    'Expected wrk on the PATH to make the load with, and could not install it: "apt-get install wrk" takes Debian ' +
      'or Ubuntu and root; on macOS, "brew install wrk" has it',
  );
}

/** It prints its version and exits with 1. */
const isInstalled = (): boolean => spawnSync('wrk', ['--version']).error === undefined;
