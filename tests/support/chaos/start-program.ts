import { fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A program of a test in a process of its own. */
export interface Program {
  /** Resolves with the first thing that it says to us, rejects when it ends before. */
  readonly said: Promise<unknown>;
  /** Resolves when it is gone, with the signal that ended it. */
  readonly ended: Promise<NodeJS.Signals | null>;
  readonly isRunning: boolean;
  /** Whether somebody has asked it to end. */
  readonly isEnding: boolean;
  /** Sends something and waits for the next thing that it says. */
  ask(message: object): Promise<unknown>;
  /** Sends the signal and waits until it is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Several of them are started again and again: they compile what they have in common once. */
const compileCache = join(tmpdir(), 'tributary-chaos-cache');

/** Starts a TypeScript file that lies beside this one, or at another URL; it ends with us. */
export function startProgram(file: string, env: Readonly<Record<string, string>>): Program {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = fork(path, {
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache, ...env },
    execArgv: [],
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  let isEnding = false;
  const endWithUs = () => void child.kill('SIGKILL');
  process.on('exit', endWithUs);
  const ended = once(child, 'exit').then(([, signal]) => {
    process.off('exit', endWithUs);
    return signal as NodeJS.Signals | null;
  });
  const answer = async (): Promise<unknown> => {
    const gone = ended.then(() => Promise.reject(new Error(`Expected an answer of ${file}, but it ended`)));
    const [message] = await Promise.race([once(child, 'message'), gone]);
    return message;
  };
  const said = answer();
  // Who does not wait for it has no interest in it.
  said.catch(() => {});
  return {
    said,
    ended,
    get isRunning() {
      return child.exitCode === null && child.signalCode === null;
    },
    get isEnding() {
      return isEnding;
    },
    ask: (message) => {
      const next = answer();
      child.send(message);
      return next;
    },
    end: async (signal) => {
      isEnding = true;
      child.kill(signal);
      await ended;
    },
  };
}
