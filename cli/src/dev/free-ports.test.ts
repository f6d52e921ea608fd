import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

import { describe, expect, it } from 'vitest';

import { DevError } from './dev-error.ts';
import { expectFreePorts } from './free-ports.ts';

const listen = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
};

describe('expectFreePorts', () => {
  it('names all busy ports together', async () => {
    const [one, two] = await Promise.all([listen(), listen()]);
    const needed = [
      { name: 'gateway', port: one.port },
      { name: 'users', port: two.port },
    ];
    await expect(expectFreePorts('127.0.0.1', needed, 0)).rejects.toThrow(
      new DevError(
        `Ports ${one.port} (gateway), ${two.port} (users) are in use: stop what listens there, or move all ports, for example with TRIBUTARY_PORT_BASE=14000`,
      ),
    );
    for (const { server } of [one, two]) server.close();
  });

  it('waits for a port that is about to be given back', async () => {
    const { server, port } = await listen();
    const free = expectFreePorts('127.0.0.1', [{ name: 'users', port }], 5000);
    server.close();
    await expect(free).resolves.toBeUndefined();
  });

  it('refuses one port for two', async () => {
    const needed = [
      { name: 'gateway', port: 4001 },
      { name: 'users', port: 4001 },
    ];
    await expect(expectFreePorts('127.0.0.1', needed, 0)).rejects.toThrow(
      'Port 4001 is meant for both gateway and users: change supergraph.yaml or set PORT for the gateway',
    );
  });
});
