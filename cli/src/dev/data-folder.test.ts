import { once } from 'node:events';
import { chmodSync, mkdtempSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { claimDataFolder, openLog } from './data-folder.ts';

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'tributary-data-'));
  folder = join(parent, 'data');
});
afterEach(() => rmSync(parent, { recursive: true }));

const modeOf = (...path: string[]) => statSync(join(folder, ...path)).mode & 0o777;

it('a data folder is closed to others, its logs too', async () => {
  claimDataFolder(folder).release();
  const log = openLog(folder, 'users');
  await once(log, 'open');
  log.end();
  await once(log, 'close');
  expect(modeOf() & 0o066).toBe(0);
  expect(modeOf('logs')).toBe(0o700);
  expect(modeOf('logs', 'users.log')).toBe(0o600);
});

it('logs that others could read are closed, in a folder that stays as it was', () => {
  mkdirSync(join(folder, 'logs'), { recursive: true });
  for (const path of [folder, join(folder, 'logs')]) chmodSync(path, 0o755);
  claimDataFolder(folder).release();
  expect(modeOf('logs')).toBe(0o700);
  expect(modeOf()).toBe(0o755);
});
