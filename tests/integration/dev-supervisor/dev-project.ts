import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

import { isAlive } from '@tributary/lifecycle/process-identity';
import { makeTestFolder } from '@tributary/testkit';
import postgres from 'postgres';
import { expect, vi } from 'vitest';

import { portBase } from '../../support/port-base.ts';

const source = fileURLToPath(new URL('./project/', import.meta.url));
const nodeModules = fileURLToPath(new URL('../../node_modules', import.meta.url));
const cli = fileURLToPath(new URL('../../../cli/src/main.ts', import.meta.url));

/** Where the processes of a project listen. */
export const ports = { gateway: portBase, users: portBase + 1, reviews: portBase + 2 };

/** What a process of a project tells about itself. */
export interface ServiceAnswer {
  readonly env: NodeJS.ProcessEnv;
  readonly pid: number;
}

/** A small project of two subgraphs and a gateway in a folder of its own, for `tributary dev` to run. */
export interface DevProject {
  readonly folder: string;
  /** The path of a file in it. */
  file(...names: readonly string[]): string;
  /** Runs `tributary dev` in it. */
  start(args?: readonly string[], env?: NodeJS.ProcessEnv): RunningDev;
  /** Runs `tributary dev` with a channel to us, as another Node.js program would. */
  startOverIpc(): RunningDev;
  /** What its services have done so far, in order: `users starts`, `gateway drains`. */
  events(): readonly string[];
  /** Every process that a start has brought up and that still runs. */
  processes(): readonly string[];
  /** Resolves when none of them is left: children whose supervisor was killed end by themselves, within moments. */
  emptied(): Promise<void>;
  /** Asks a service that runs about itself. */
  ask(name: keyof typeof ports): Promise<ServiceAnswer>;
  /** Runs SQL in the database of a subgraph that runs. */
  query(name: 'users' | 'reviews', text: string): Promise<unknown[]>;
  /** Stops what was started, expects that nothing is left of it, and removes the folder. */
  remove(): Promise<void>;
}

/** A `tributary dev` that runs. */
export interface RunningDev {
  readonly child: ChildProcess;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Everything that it has said so far. */
  output(): string;
  /** Resolves when it has said this, now or before; fails when it ends without. */
  said(text: string): Promise<void>;
  ready(): Promise<void>;
}

/** Makes a project in which `tributary dev` was never run. */
export function makeDevProject(): DevProject {
  const folder = makeTestFolder('dev');
  cpSync(source, folder, { recursive: true });
  symlinkSync(nodeModules, join(folder, 'node_modules'));

  const started: RunningDev[] = [];
  const keep = (child: ChildProcess): RunningDev => {
    const running = observe(child);
    started.push(running);
    return running;
  };
  const file = (...names: readonly string[]) => join(folder, ...names);
  const environment = (env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    ...process.env,
    TRIBUTARY_PORT_BASE: String(portBase),
    NO_COLOR: '1',
    EVENTS_FILE: file('events'),
    ...env,
  });
  const processes = () => processesOf(folder);
  const emptied = () => vi.waitFor(() => expect(processes()).toEqual([]), { timeout: 30_000 });
  const ask: DevProject['ask'] = async (name) =>
    (await (await fetch(`http://127.0.0.1:${ports[name]}/`)).json()) as ServiceAnswer;

  return {
    folder,
    file,
    // In a process group of its own, as a terminal does.
    start: (args = [], env = {}) =>
      keep(
        spawn(process.execPath, [cli, 'dev', ...args], {
          cwd: folder,
          env: environment(env),
          detached: true,
          stdio: ['ignore', 'pipe', 'pipe'],
        }),
      ),
    startOverIpc: () => keep(fork(cli, ['dev'], { cwd: folder, env: environment(), silent: true })),
    events: () => readFileSync(file('events'), 'utf8').trim().split('\n'),
    processes,
    emptied,
    ask,
    query: async (name, text) => {
      const { env } = await ask(name);
      const sql = postgres(env['DATABASE_URL'] ?? '', { max: 1 });
      try {
        return [...(await sql.unsafe(text))];
      } finally {
        await sql.end();
      }
    },
    remove: async () => {
      for (const { child, ended } of started) {
        child.kill('SIGTERM');
        await ended;
      }
      await emptied();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function observe(child: ChildProcess): RunningDev {
  let output = '';
  const listeners = new Set<() => void>();
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  for (const stream of streams) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      for (const listener of listeners) listener();
    });
  }
  // Not the child's `close`: Node.js does not emit it after we closed the channel ourselves.
  const ended = Promise.all([once(child, 'exit'), ...streams.map((stream) => finished(stream))]).then(
    ([[code, signal]]) => (code ?? signal) as number | string,
  );
  const said = (text: string): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => {
      if (output.includes(text)) resolve();
    };
    listeners.add(look);
    look();
    void ended.then((code) =>
      reject(new Error(`Expected "${text}", but it ended with ${code} and had said:\n${output}`)),
    );
    return promise.finally(() => listeners.delete(look));
  };
  return { child, ended, output: () => output, said, ready: () => said('Tributary is ready') };
}

/** Every process whose command line or environment names the folder. */
function processesOf(folder: string): readonly string[] {
  if (process.platform !== 'linux') return []; // no /proc to count in
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .filter((pid) => {
      try {
        const text = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1'));
        return text.join('\0').includes(folder) && isAlive(Number(pid));
      } catch {
        return false; // it has just ended
      }
    })
    .map(describeProcess);
}

function describeProcess(pid: string): string {
  try {
    return `${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')}`;
  } catch {
    return `${pid}, which has just ended`;
  }
}
