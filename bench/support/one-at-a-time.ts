import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { say, type RunScope } from './run-scope.ts';

/** An address of Linux that is no file: it is free again when its process ends, however it ends. */
const address = '\0tributary-bench';
const retryMs = 1000;

/** Waits until no other benchmark runs on this machine: two at once measure each other. */
export async function waitForMachine(scope: RunScope): Promise<void> {
  if (process.platform !== 'linux') return;
  for (let hasSaid = false; !(await claim(scope)); hasSaid = true) {
    if (!hasSaid) say('Another benchmark runs on this machine: waiting for its end …');
    await delay(retryMs, undefined, { signal: scope.signal });
  }
}

async function claim(scope: RunScope): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(address), 'listening');
  } catch (error: unknown) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
  scope.defer(() => void server.close());
  return true;
}
