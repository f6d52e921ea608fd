import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { EmbeddedPostgresError } from './embedded-postgres-error.ts';
import { chooseRunAs, findClosedFolder } from './run-as.ts';

const somebody = { name: 'somebody', uid: 54_321, gid: 54_321 };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-run-as-'));
  mkdirSync(join(folder, 'a', 'b'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('findClosedFolder', () => {
  it('names the outermost folder that a user may not enter', () => {
    chmodSync(folder, 0o755);
    chmodSync(join(folder, 'a'), 0o700);
    expect(findClosedFolder([join(folder, 'a', 'b', 'data')], somebody)).toBe(join(folder, 'a'));
  });

  it('finds none where all may be entered, also when the last ones do not exist yet', () => {
    chmodSync(folder, 0o711);
    expect(findClosedFolder([join(folder, 'a', 'b', 'c', 'data')], somebody)).toBeUndefined();
  });

  it("goes by the owner's bits for the owner", () => {
    chmodSync(folder, 0o700);
    const owner = { name: 'owner', uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    expect(findClosedFolder([join(folder, 'data')], owner)).toBeUndefined();
  });
});

describe.runIf(process.getuid?.() === 0)('chooseRunAs, for root', () => {
  it('says which folder to open when there is no setpriv to help', () => {
    chmodSync(folder, 0o700);
    const data = join(folder, 'data');
    expect(() => chooseRunAs(data, [], '')).toThrow(EmbeddedPostgresError);
    // Which user it is depends on whether this machine has a `postgres`.
    expect(() => chooseRunAs(data, [], '')).toThrow(
      new RegExp(
        `^PostgreSQL does not run as root and its user (postgres|nobody) cannot enter ${folder}: ` +
          `run "chmod o\\+x ${folder}" or start as another user than root$`,
      ),
    );
  });
});
