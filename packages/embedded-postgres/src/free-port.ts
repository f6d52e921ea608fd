import { createServer } from 'node:net';

/** Asks the system for a port of 127.0.0.1 that nobody listens on; with a number, whether that one is free. */
export function findFreePort(wanted = 0): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address();
      const port = address && typeof address === 'object' ? address.port : undefined;
      server.close(() => resolve(port));
    });
  });
}
