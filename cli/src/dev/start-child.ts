import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** A program to run beside us. */
export interface ChildPlan {
  readonly name: string;
  /** A module for Node. */
  readonly file: string;
  /** Flags of Node. @default none */
  readonly nodeFlags?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** How a child ended. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly ranMs: number;
}

/** A child that has been started. */
export interface Child {
  /** Where it answers, once it does; undefined when it ended before. */
  readonly ready: Promise<string | undefined>;
  readonly ended: Promise<ChildEnd>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

/** Starts a child with an IPC channel; its lines go to `onLine` and, all of them, to the log file. */
export function startChild(plan: ChildPlan, log: WriteStream, onLine: (line: string) => void): Child {
  const startedMs = performance.now();
  const child = fork(plan.file, {
    cwd: plan.cwd,
    env: plan.env,
    execArgv: [...(plan.nodeFlags ?? [])],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Its own session: Ctrl-C goes to everything in ours at once, and the order of stopping is ours to keep.
    detached: true,
  });
  const output = [child.stdout, child.stderr].map((stream) => readLines(stream, log, onLine));
  const ended = endOf(child, output, startedMs);
  return { ready: readyOf(child, ended), ended, kill: (signal) => void child.kill(signal) };
}

async function readLines(
  stream: Readable | null,
  log: WriteStream,
  onLine: (line: string) => void,
): Promise<void> {
  if (!stream) return;
  const lines = createInterface({ input: stream });
  lines.on('line', (line) => {
    log.write(`${line}\n`);
    onLine(line);
  });
  await once(lines, 'close');
}

/** After its last line, so that what it said stands before what we say about its end. */
async function endOf(child: ChildProcess, output: Promise<void>[], startedMs: number): Promise<ChildEnd> {
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('exit', (code, signal) => resolve([code, signal]));
    child.once('error', () => resolve([1, null]));
  });
  await Promise.all(output);
  return { code, signal, ranMs: performance.now() - startedMs };
}

function readyOf(child: ChildProcess, ended: Promise<ChildEnd>): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.on('message', (message) => {
      if (isReadyMessage(message)) resolve(message.url);
    });
    void ended.then(() => resolve(undefined));
  });
}

const isReadyMessage = (message: unknown): message is { readonly url: string } =>
  typeof message === 'object' &&
  message !== null &&
  'type' in message &&
  message.type === 'ready' &&
  'url' in message &&
  typeof message.url === 'string';
