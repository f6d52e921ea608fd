import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
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

import { expect } from 'vitest';

import { userEnvironment } from '../../support/user-environment.ts';

/*
 * There is no Docker where tests run, so this does what the Dockerfile says by hand: copies what it copies into an
 * empty folder and runs its scripts, as somebody without rights.
 */
const root = fileURLToPath(new URL('../../../', import.meta.url));
const dockerfile = readFileSync(join(root, 'deploy/docker/Dockerfile'), 'utf8');

/** The user "nobody" of Debian, when the tests run as root; else whoever runs them has no rights to lose. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** The services that have an image. */
export const services = ['gateway', 'users', 'posts', 'comments'] as const;
export type Service = (typeof services)[number];

/** What the image of a service holds, in a folder. */
export interface BuiltImage {
  readonly folder: string;
  /** Starts the service as the image does: without rights, and with these settings alone. */
  start(env: Readonly<Record<string, string>>): ChildProcess;
  remove(): void;
}

/** Builds the image of a service. */
export function buildImage(service: Service): BuiltImage {
  const home = mkdtempSync(join(tmpdir(), 'tributary-image-'));
  const remove = () => rmSync(home, { recursive: true, force: true });
  try {
    chmodSync(home, 0o755);
    giveAway(home);
    const folder = join(home, service);
    mkdirSync(folder);
    copyAsDockerfileSays(makeBuildContext(join(home, 'context')), folder);
    giveAway(folder);
    runScripts(folder, service, home);
    return { folder, start: (env) => startService(folder, service, env), remove };
  } catch (error: unknown) {
    remove();
    throw error;
  }
}

const startService = (
  folder: string,
  service: Service,
  env: Readonly<Record<string, string>>,
): ChildProcess =>
  spawn(
    process.execPath,
    [service === 'gateway' ? 'gateway/src/main.ts' : `subgraphs/${service}/src/main.ts`],
    {
      cwd: folder,
      env,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      ...nobody,
    },
  );

/** What may lie around in a working folder and must never be in an image; each with the same words to look for. */
const secretFiles = [
  'deploy/docker/secrets/identity-private-key.pem',
  'deploy/docker/secrets/database-password',
  'packages/config/.env',
  'subgraphs/posts/.env.local',
  'gateway/src/key.pem',
  '.data/keys/jwt.pem',
];
export const canary = 'a secret that nobody may find in an image';

/** The folder that `docker build` would be given: a clone in which somebody has worked. */
function makeBuildContext(context: string): string {
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

function runScripts(folder: string, service: Service, home: string): void {
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
