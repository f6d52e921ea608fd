import { createPrivateKey, createPublicKey } from 'node:crypto';
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { exitCodes } from '../exit-codes.ts';
import { run } from './secrets.ts';

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'tributary-secrets-'));
  folder = join(parent, 'secrets');
});
afterEach(() => rmSync(parent, { recursive: true }));

const read = (name: string) => readFileSync(join(folder, name), 'utf8');

it('makes the files that docker-compose.yml names, in a folder that keeps others out', async () => {
  expect(await run([folder])).toBe(exitCodes.done);
  const compose = readFileSync(new URL('../../../docker-compose.yml', import.meta.url), 'utf8');
  const named = [...compose.matchAll(/file: deploy\/docker\/secrets\/(\S+) \}/g)].map(
    ([, name]) => name ?? '',
  );
  expect(readdirSync(folder).toSorted()).toEqual(named.toSorted());
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

it('makes halves of a key that fit, and addresses with the password', async () => {
  await run([folder]);
  const publicHalf = createPublicKey(createPrivateKey(read('identity-private-key.pem')));
  expect(publicHalf.export({ type: 'spki', format: 'pem' })).toBe(read('identity-public-key.pem'));
  expect(read('posts-database-url')).toBe(
    `postgres://posts:${read('posts-database-password')}@postgres:5432/posts`,
  );
});

it('makes a password for each role', async () => {
  await run([folder]);
  const passwords = ['database', 'users-database', 'posts-database', 'comments-database'].map((name) =>
    read(`${name}-password`),
  );
  expect(new Set(passwords).size).toBe(4);
});

it('closes a folder that was open', async () => {
  mkdirSync(folder, { mode: 0o755 });
  expect(await run([folder])).toBe(exitCodes.done);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

it('puts nothing in a folder that a link leads to, however the link is written', async () => {
  const target = join(parent, 'elsewhere');
  mkdirSync(target);
  symlinkSync(target, folder);
  expect(await run([folder])).toBe(exitCodes.failed);
  expect(await run([`${folder}/`])).toBe(exitCodes.failed);
  expect(readdirSync(target)).toEqual([]);
});

it.runIf(process.getuid?.() === 0)('puts nothing in a folder of somebody else', async () => {
  mkdirSync(folder);
  chownSync(folder, 65_534, 65_534);
  expect(await run([folder])).toBe(exitCodes.failed);
  expect(readdirSync(folder)).toEqual([]);
});

it('leaves secrets that are there as they are', async () => {
  await run([folder]);
  const before = read('database-password');
  expect(await run([folder])).toBe(exitCodes.failed);
  expect(read('database-password')).toBe(before);
});
