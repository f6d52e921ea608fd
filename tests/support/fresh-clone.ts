import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { userEnvironment } from './user-environment.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The project as somebody else would get it: what git knows, nothing installed, nothing generated. */
export interface FreshClone {
  readonly folder: string;
  /** Runs a shell command in it, as a user types it; throws when it fails. */
  run(command: string, env?: Readonly<Record<string, string>>): string;
  /** Starts a shell command that stays, for example `npm start`. */
  start(command: string, env?: Readonly<Record<string, string>>): RunningCommand;
  remove(): void;
}

/** A command that runs until it is stopped. */
export interface RunningCommand {
  readonly child: ChildProcess;
  /** Everything that it has said so far, line by line. */
  readonly lines: readonly string[];
  /** Resolves with the first line that matches; fails when the command ends before. */
  line(pattern: RegExp): Promise<string>;
  /** Sends a signal to the command itself, as a supervisor would, and resolves with its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export function makeFreshClone(): FreshClone {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-clone-'));
  // PostgreSQL does not run as root, and its user must reach the data.
  chmodSync(folder, 0o755);
  for (const file of filesOfProject()) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  return {
    folder,
    run: (command, env) =>
      execFileSync('sh', ['-c', command], {
        cwd: folder,
        env: userEnvironment(env),
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    start: (command, env) => startCommand(command, folder, userEnvironment(env)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const filesOfProject = (): readonly string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file !== '' && existsSync(join(root, file)));

/** Starts a shell command that stays until it is stopped, or ends by itself. */
export function startCommand(command: string, cwd: string, env: NodeJS.ProcessEnv): RunningCommand {
  // `exec`, so that a signal reaches the command and not the shell around it.
  const child = spawn('sh', ['-c', `exec ${command}`], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const listener of listeners) listener();
    });
  }
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const line = (pattern: RegExp) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const look = () => {
      const found = lines.find((text) => pattern.test(text));
      if (found !== undefined) resolve(found);
    };
    listeners.add(look);
    look();
    void exited.then(([code]) =>
      reject(
        new Error(
          `Expected a line like ${String(pattern)}, but the command ended with ${code}:\n${lines.join('\n')}`,
        ),
      ),
    );
    return promise.finally(() => listeners.delete(look));
  };
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const [code] = await exited;
    return code;
  };
  return { child, lines, line, stop };
}
