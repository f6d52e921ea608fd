// What every `npm run …` of this project goes through: plain JavaScript without dependencies, for Node 18 and
// later, because it runs before anything is installed. It installs what the lockfile names with pnpm, when that
// has changed since last time, and then runs the task with the Node version that the project brings along.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const binFolder = join(root, 'node_modules', '.bin');
/** Has a lockfile of its own: what we compare with never enters the product's. */
const benchFolder = join(root, 'bench');
const pnpm = 'pnpm@12.21.0';
/** Native type stripping without a flag, which the project's TypeScript needs, came with this version. */
const oldestOwnNode = [22, 18];

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Each task is a list of commands; they run in order and the first that fails ends the task. */
const tasks = {
  dev: [['node', 'cli/src/main.ts', 'dev']],
  cli: [['node', 'cli/src/main.ts']],
  rover: [['node', 'cli/src/main.ts', 'rover']],
  generate: [['graphql-codegen', '--config', 'codegen.ts']],
  format: [['oxfmt', '.']],
  check: [['node', 'scripts/test.ts', '--checks']],
  test: [['node', 'scripts/test.ts']],
  coverage: [['vitest', 'run', '--coverage']],
  'test:long': [['node', 'scripts/test.ts', '--long']],
  bench: [['node', 'scripts/bench.ts']],
};

try {
  await main(process.argv[2], process.argv.slice(3));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function main(name, args) {
  const commands = tasks[name];
  if (!commands)
    throw new Error(`Expected one of ${Object.keys(tasks).join(', ')}, but got ${name ?? 'nothing'}`);
  await installIfChanged(root);
  if (name === 'bench') await installIfChanged(benchFolder);
  const node = projectNode();
  const env = { ...process.env, PATH: [dirname(node), binFolder, process.env.PATH].join(delimiter) };
  for (const [index, [command, ...fixed]] of commands.entries()) {
    const file = command === 'node' ? node : join(binFolder, command);
    const isLast = index === commands.length - 1;
    const code = await run(file, [...fixed, ...(isLast ? args : [])], {
      env,
      isSupervised: command === 'node',
    });
    if (code !== 0) {
      process.exitCode = code;
      return;
    }
  }
}

/** Runs pnpm when the lockfile or the workspace file is not the one that was installed last. */
async function installIfChanged(folder) {
  const stampFile = join(folder, 'node_modules', '.installed');
  const stamp = createHash('sha256')
    .update(readFileSync(join(folder, 'pnpm-lock.yaml')))
    .update(readFileSync(join(folder, 'pnpm-workspace.yaml')))
    .update(`${process.platform} ${process.arch}`)
    .digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  const what = folder === root ? 'the lockfile' : `the lockfile in ${basename(folder)}/`;
  say(`Installing what ${what} names (once, about half a minute) …`);
  const npx = process.platform === 'win32' ? 'npx.cmd' : 'npx';
  const env = { ...process.env, CI: 'true' };
  const code = await run(npx, ['--yes', pnpm, 'install', '--frozen-lockfile', '--reporter=silent'], {
    env,
    cwd: folder,
  });
  if (code !== 0) {
    throw new Error(
      `Installing failed with exit code ${code}. Expected the npm registry to be reachable and ${folder} to be ` +
        `writable; "npx ${pnpm} install --frozen-lockfile" shows what came instead.`,
    );
  }
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, stamp);
}

/** The Node that came with the install, or the user's own where there is no such package for the platform. */
function projectNode() {
  const bundled = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(bundled)) return bundled;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isRecent = major > oldestOwnNode[0] || (major === oldestOwnNode[0] && minor >= oldestOwnNode[1]);
  if (isRecent) return process.execPath;
  throw new Error(
    `Expected Node ${oldestOwnNode.join('.')} or later on ${process.platform}-${process.arch}, where the project ` +
      `brings none of its own, but got ${process.versions.node}. Install a current Node and run this again.`,
  );
}

/**
 * Runs one command with our own terminal and resolves with its exit code. It ends with us, however we end: signals are
 * passed on, and a child that listens to its IPC channel sees it close when somebody kills us outright. The other way
 * round, npm and its shell may be killed around us: then our parent changes, and the child is told to stop.
 */
function run(file, args, { env, cwd = root, isSupervised = false }) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd,
      env,
      stdio: ['inherit', 'inherit', 'inherit', ...(isSupervised ? ['ipc'] : [])],
    });
    const forward = (signal) => child.kill(signal);
    const parent = process.ppid;
    const watch = setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 500).unref();
    for (const signal of stopSignals) process.on(signal, forward);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearInterval(watch);
      for (const stopSignal of stopSignals) process.off(stopSignal, forward);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

function say(line) {
  process.stderr.write(`${line}\n`);
}
