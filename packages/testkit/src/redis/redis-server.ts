import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';

/** What is said last before connections are taken. */
const readySentence = 'Ready to accept connections';
const keptOutputLength = 8192;

/** Where redis-server is, if it is installed: no npm package brings one. */
export const findRedisServer = (): string | undefined => findProgram('redis-server');

function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin'];
  return folders.map((folder) => join(folder, name)).find((file) => isExecutable(file));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not for us: the next folder may have it
  }
}

/**
 * Whether tests of Redis can run here. In continuous integration they have to, so there a missing server fails them.
 *
 * @example describe.skipIf(!hasRedisServer())('the log in Redis, which needs a redis-server', () => …)
 * @throws where `CI` is "true" and there is no redis-server
 */
export function hasRedisServer(): boolean {
  if (findRedisServer() !== undefined) return true;
  if (process.env['CI'] !== 'true') return false;
  throw new Error('There is no redis-server, which continuous integration has to install');
}

/** A running redis-server. */
export interface RedisServerProcess {
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Lets it keep its connections and answer nothing. */
  freeze(): void;
  thaw(): void;
}

export interface RedisServerOptions {
  readonly folder: string;
  readonly port: number;
  readonly args: readonly string[];
}

/** Starts redis-server on 127.0.0.1 and waits until it takes connections. */
export async function startRedisServer({
  folder,
  port,
  args,
}: RedisServerOptions): Promise<RedisServerProcess> {
  const file = findRedisServer();
  if (file === undefined) throw new Error('There is no redis-server: install it with your package manager');
  mkdirSync(folder, { recursive: true });
  const always = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  // Where there is a setpriv it ends with us, also when we are killed and can end nobody.
  const setpriv = findProgram('setpriv');
  const [program = file, ...before] = setpriv ? [setpriv, '--pdeathsig', 'KILL', file] : [file];
  const child = spawn(program, [...before, ...always, ...args], {
    // Its own session: Ctrl-C goes to everything in ours, and what we test drains before it ends.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const endWithUs = () => child.kill('SIGKILL');
  process.on('exit', endWithUs);
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      process.off('exit', endWithUs);
      resolve();
    });
  });
  await waitUntilReady(child);
  return {
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
  };
}

function waitUntilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-keptOutputLength);
      if (output.includes(readySentence)) resolve();
    });
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', () => reject(new Error(`redis-server did not start: ${output}`)));
  });
}

/** Ports of 127.0.0.1 that nobody listens on, all different. */
export async function findFreePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  try {
    return await Promise.all(servers.map(listen));
  } finally {
    for (const server of servers) server.close();
  }
}

function listen(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(address && typeof address === 'object' ? address.port : 0);
    });
  });
}
