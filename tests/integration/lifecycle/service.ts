// A process as the gateway and the subgraphs are one; BEHAVIOUR makes it misbehave.
import { createServer } from 'node:http';

import { checkConfig } from '@tributary/config';
import { runProcess } from '@tributary/lifecycle';

const behaviour = process.env['BEHAVIOUR'];

await runProcess('service', async ({ env }) => {
  const { port } = checkConfig(env, (read) => ({ port: read.integer('PORT', { default: 0, min: 0 }) }));
  if (behaviour === 'start-fails') throw new Error('Migration 002 failed:\n  no such table');
  if (behaviour === 'start-hangs') await new Promise(() => setInterval(() => {}, 1000));
  const server = createServer((_request, response) => response.end('ok'));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  if (behaviour === 'rejects-later') {
    process.on('message', () => void Promise.reject(new Error('lost', { cause: new Error('inner') })));
  }
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/graphql`,
    stop: async () => {
      process.stderr.write('draining\n');
      if (behaviour === 'stop-hangs') await new Promise(() => {});
      await new Promise((resolve) => server.close(resolve));
      process.stderr.write('drained\n');
    },
  };
});
