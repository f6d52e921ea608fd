import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

import { afterEach, expect, it, onTestFinished, vi } from 'vitest';

import { createDatabase } from './database.ts';
import { DatabaseUnavailable } from './database-errors.ts';

const nobodyWaits = vi.fn();
process.on('unhandledRejection', nobodyWaits);

/** Says to a client that it may begin, and is gone when it does. */
const welcome = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

afterEach(() => void nobodyWaits.mockClear());

it.each([
  ['reset', (socket: Socket) => socket.resetAndDestroy()],
  ['closed', (socket: Socket) => socket.destroy()],
])('fails a statement whose connection is %s as soon as it is made, and nothing else', async (_how, end) => {
  const cut = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(welcome);
      socket.once('data', () => void end(socket));
    });
    socket.once('close', () => cut.resolve());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const database = createDatabase({ url: `postgres://ada@127.0.0.1:${port}/things`, poolSize: 1 });
  const failure: unknown = database.sql`select 1`.catch((error: unknown) => error);
  await cut.promise;
  await new Promise((resolve) => void setTimeout(resolve, 50));
  expect(nobodyWaits).not.toHaveBeenCalled();
  expect(await failure).toBeInstanceOf(DatabaseUnavailable);
});
