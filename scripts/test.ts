// `npm test`, `npm run test:long` and `npm run check`: checks first, because they are quick and a type error explains many red tests.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';

/** What runs, in order; the first that fails ends the run. */
interface Step {
  readonly title: string;
  readonly command: readonly [string, ...string[]];
  /** Says nothing unless it fails. @default false */
  readonly isQuiet?: boolean;
}

const checks: readonly Step[] = [
  {
    title: 'Generating resolver types',
    command: ['graphql-codegen', '--config', 'codegen.ts'],
    isQuiet: true,
  },
  { title: 'Checking the format', command: ['oxfmt', '--check', '.'], isQuiet: true },
  { title: 'Linting', command: ['oxlint', '--type-aware', '--deny-warnings'], isQuiet: true },
  { title: 'Checking types', command: ['tsc', '--noEmit'], isQuiet: true },
];

const projects = ['unit', 'integration', 'conformance', 'e2e', 'chaos'].flatMap((name) => [
  '--project',
  name,
]);
const suites: readonly Step[] = [{ title: 'Testing', command: ['vitest', 'run', ...projects] }];
const longSuites: readonly Step[] = [
  { title: 'Running the long scripts in their short form', command: ['vitest', 'run', '--project', 'long'] },
];

const { values, positionals } = parseArgs({
  options: { checks: { type: 'boolean' }, long: { type: 'boolean' } },
  allowPositionals: true,
  strict: false,
});

/** With arguments, only vitest runs: `npm test -- tests/e2e/graphiql.test.ts`. */
const chosen: readonly Step[] = [{ title: 'Testing', command: ['vitest', 'run', ...positionals] }];

const startedAt = performance.now();
const failed = await firstFailure(stepsToRun());
const seconds = Math.round((performance.now() - startedAt) / 1000);
console.error(failed ? `✗ ${failed} failed after ${seconds} s` : `✓ Everything passed in ${seconds} s`);
process.exitCode = failed ? 1 : 0;

function stepsToRun(): readonly Step[] {
  if (positionals.length > 0) return chosen;
  if (values.checks) return checks;
  return values.long ? longSuites : [...checks, ...suites];
}

async function firstFailure(steps: readonly Step[]): Promise<string | undefined> {
  for (const step of steps) {
    console.error(`· ${step.title}`);
    if ((await run(step)) !== 0) return step.title;
  }
  return undefined;
}

async function run({ command, isQuiet = false }: Step): Promise<number | null> {
  const [file, ...args] = command;
  const output = isQuiet ? 'pipe' : 'inherit';
  const child = spawn(file, args, { stdio: ['ignore', output, output] });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) process.stderr.write(Buffer.concat(chunks));
  return code;
}
