import process from 'node:process';

import { commands, type CommandName } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { UsageError } from './usage-error.ts';

/**
 * Runs one command of the command line and gives its exit code. Foreseen failures are one message on stderr.
 *
 * @example await runCommand(['compose', '--config', 'supergraph.yaml']) // 0
 */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const [name, ...args] = argv;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    process.stdout.write(help());
    return exitCodes.done;
  }
  if (!isCommandName(name)) return refuse(`Expected one of ${commandNames.join(', ')}, but got "${name}"`);
  try {
    const { run } = await commands[name].load();
    return await run(args);
  } catch (error: unknown) {
    if (isWrongUsage(error)) return refuse(error.message, name);
    process.stderr.write(`${describeFailure(error)}\n`);
    return exitCodes.failed;
  }
}

const commandNames = Object.keys(commands);

const isCommandName = (name: string): name is CommandName => Object.hasOwn(commands, name);

/** Ours, or what `parseArgs` of Node throws for an option that it does not know. */
const isWrongUsage = (error: unknown): error is Error =>
  error instanceof UsageError ||
  (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));

function refuse(problem: string, name?: CommandName): number {
  const hint = name ? `Usage: ${commands[name].usage}` : 'Run "tributary --help" for what there is.';
  process.stderr.write(`${problem}\n${hint}\n`);
  return exitCodes.wrongUsage;
}

/** Errors of the house have a name of their own and a message for people; anything else is a mistake of ours. */
function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isForeseen = error.name !== 'Error' && error.name.endsWith('Error') && !isBuiltIn(error);
  return isForeseen || 'syscall' in error ? error.message : (error.stack ?? error.message);
}

const isBuiltIn = (error: Error): boolean =>
  [TypeError, RangeError, ReferenceError, SyntaxError].some((type) => error instanceof type);

function help(): string {
  const width = Math.max(...commandNames.map((name) => name.length));
  const lines = Object.entries(commands).map(([name, { summary, usage }]) => [
    `  ${name.padEnd(width)}  ${summary}`,
    `  ${' '.repeat(width)}  ${usage}`,
  ]);
  return `Usage: tributary <command>\n\n${lines.flat().join('\n')}\n`;
}
