import { spawn, spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { pinned } from '../support/cores.ts';
import { freePort } from '../support/free-port.ts';
import { say, type RunScope } from '../support/run-scope.ts';

const startTimeoutMs = 10_000;
const pollMs = 50;

/** Starts a Redis of the run's own, that keeps nothing. @returns `undefined` where there is no redis-server */
export async function startRedis(scope: RunScope, core: number | undefined): Promise<string | undefined> {
  if (!ensureRedis()) return undefined;
  const port = await freePort();
  const [file = '', ...args] = pinned(core, [
    'redis-server',
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    scope.folder,
    '--save',
    '',
    '--appendonly',
    'no',
  ]);
  // Its own session: Ctrl-C ends the run, which ends it.
  const child = spawn(file, args, { stdio: 'ignore', detached: true });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  scope.defer(kill);
  await untilItListens(port, scope.signal);
  return `redis://127.0.0.1:${port}`;
}

async function untilItListens(port: number, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  while (!(await accepts(port))) {
    if (performance.now() - startedAt > startTimeoutMs) throw new Error('redis-server did not start');
    await delay(pollMs, undefined, { signal });
  }
}

function accepts(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1', () => resolve(true));
  socket.on('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}

const installCommands: readonly (readonly [string, ...string[]])[] = [
  ['apt-get', 'install', '--yes', '--no-install-recommends', 'redis-server'],
  ['apt-get', 'update'],
  ['apt-get', 'install', '--yes', '--no-install-recommends', 'redis-server'],
];

/** Installs it where it is missing and Debian's packages are at hand. */
function ensureRedis(): boolean {
  if (isInstalled()) return true;
  say('Installing redis-server as a Debian package …');
  for (const [file, ...args] of installCommands) {
    spawnSync(file, args, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
    if (isInstalled()) return true;
  }
  return false;
}

const isInstalled = (): boolean => spawnSync('redis-server', ['--version']).error === undefined;
