import { spawnSync } from 'node:child_process';

import { describe, expect, it } from 'vitest';

import { isAlive, isSameProcess, processIdentity } from './process-identity.ts';

describe('a process identity', () => {
  it('is recognised while the process lives', () => {
    expect(isSameProcess(processIdentity(process.pid))).toBe(true);
  });

  it.runIf(process.platform === 'linux')('is not that of a later process with the same number', () => {
    expect(isSameProcess(`${process.pid} 1`)).toBe(false);
  });

  it('is of nobody once the process has ended', () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    expect([isAlive(pid), isSameProcess(processIdentity(pid))]).toEqual([false, false]);
  });
});
