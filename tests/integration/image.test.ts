import { once } from 'node:events';

import { createTestKeys } from '@tributary/testkit';
import { describe, expect, it } from 'vitest';

import { testImage } from './image/test-image.ts';

// image.long.test.ts has the other services.
describe('the image of gateway', () => {
  const image = testImage('gateway');

  it('starts without its subgraphs', async () => {
    const { privateKey } = createTestKeys();
    const child = image().start({
      NODE_ENV: 'production',
      PORT: '0',
      SUPERGRAPH: 'file:supergraph.graphql',
      IDENTITY_PRIVATE_KEY: privateKey,
    });
    const [message] = (await once(child, 'message')) as [{ type: string; url: string }];
    expect((await fetch(new URL('/health/ready', message.url))).status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
