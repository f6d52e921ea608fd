import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { DevError } from './dev-error.ts';

/** A port that will be needed, and by whom. */
export interface NeededPort {
  readonly name: string;
  readonly port: number;
}

const pollMs = 50;

/**
 * Makes sure that nobody listens where we are going to, before anything is started.
 *
 * @param waitMs how long to wait for ports to be given back, after a start that was killed: its children still drain
 * @throws {DevError} that names every busy port and what to do
 */
export async function expectFreePorts(
  host: string,
  needed: readonly NeededPort[],
  waitMs: number,
): Promise<void> {
  refuseSharedPorts(needed);
  const deadline = Date.now() + waitMs;
  for (;;) {
    const busy = await findBusyPorts(host, needed);
    if (busy.length === 0) return;
    if (Date.now() >= deadline) throw new DevError(describeBusyPorts(busy));
    await delay(pollMs);
  }
}

async function findBusyPorts(host: string, needed: readonly NeededPort[]): Promise<NeededPort[]> {
  const states = await Promise.all(
    needed.map(async (each) => ({ each, isFree: await isFree(host, each.port) })),
  );
  return states.filter((state) => !state.isFree).map(({ each }) => each);
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') return resolve(false);
      reject(new DevError(`Port ${port} of ${host} cannot be opened (${error.code}): set PORT or HOST`));
    });
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

function refuseSharedPorts(needed: readonly NeededPort[]): void {
  for (const { name, port } of needed) {
    const other = needed.find((each) => each.port === port && each.name !== name);
    if (other) {
      throw new DevError(
        `Port ${port} is meant for both ${name} and ${other.name}: change supergraph.yaml or set PORT for the gateway`,
      );
    }
  }
}

/**
 * @example
 * describeBusyPorts([{ name: 'users', port: 4001 }])
 * // "Port 4001 (users) is in use: stop what listens there, or move all ports, for example with TRIBUTARY_PORT_BASE=14000"
 */
function describeBusyPorts(busy: readonly NeededPort[]): string {
  const list = busy.map(({ name, port }) => `${port} (${name})`).join(', ');
  const subject = busy.length === 1 ? `Port ${list} is` : `Ports ${list} are`;
  return `${subject} in use: stop what listens there, or move all ports, for example with TRIBUTARY_PORT_BASE=14000`;
}
