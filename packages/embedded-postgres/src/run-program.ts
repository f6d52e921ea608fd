import { spawn } from 'node:child_process';

import type { RunAs } from './run-as.ts';

/** Messages are searched for known sentences, so they must be in English whatever the user's language. */
export const environment = (): NodeJS.ProcessEnv => ({ ...process.env, LC_ALL: 'C', LANG: 'C', TZ: 'UTC' });

/** Runs a program to its end and gives back what it wrote. */
export function runProgram(
  runAs: RunAs,
  program: string,
  args: readonly string[],
): Promise<{ code: number; output: string }> {
  const { file, args: all, options } = runAs.command(program, args);
  return new Promise((resolve) => {
    // Detached, so that Ctrl-C in the terminal is ours to act on and not the program's.
    const child = spawn(file, all, { ...options, env: environment(), cwd: '/', detached: true });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', (error) => resolve({ code: 1, output: `error: ${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
