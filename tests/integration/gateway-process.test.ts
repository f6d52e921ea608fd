import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { createTestKeys, postGraphQL, type MemorySupergraph } from '@tributary/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { startSmallSupergraph } from '../support/small-supergraph.ts';

const main = new URL('../../gateway/src/main.ts', import.meta.url).pathname;
const { privateKey } = createTestKeys();

let supergraph: MemorySupergraph;
const children: ChildProcess[] = [];

beforeAll(async () => {
  supergraph = await startSmallSupergraph();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => supergraph?.stop());

const startProcess = (settings: Readonly<Record<string, string>> = {}) => {
  const child = fork(main, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      SUPERGRAPH: supergraph.file,
      IDENTITY_PRIVATE_KEY: privateKey,
      LOG_LEVEL: 'silent',
      ...settings,
    },
  });
  children.push(child);
  return child;
};

const failedStart = async (settings: Readonly<Record<string, string>>) => {
  const child = startProcess(settings);
  const [said, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
  return { said, code };
};

describe('the process of a gateway', () => {
  it('says when it is ready, serves, and ends with 0 when it is told to', async () => {
    const child = startProcess();
    const [message] = (await once(child, 'message')) as [{ type: string; url: string }];
    expect(message.type).toBe('ready');
    expect((await postGraphQL(message.url, { query: '{ me { name } }' })).data).toEqual({
      me: { name: 'Ada' },
    });
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('ends with its supervisor', async () => {
    const child = startProcess();
    await once(child, 'message');
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('says in one line what keeps it from starting', async () => {
    const busy = createServer().listen(0, '127.0.0.1');
    await once(busy, 'listening');
    const { port } = busy.address() as AddressInfo;
    expect(await failedStart({ PORT: String(port) })).toEqual({
      said: `Port ${port} is in use: stop what listens there or set PORT\n`,
      code: 1,
    });
    busy.close();
    expect(await failedStart({ SUPERGRAPH: '/no/such' })).toEqual({
      said: 'gateway did not start: The supergraph "/no/such" cannot be served: expected a readable file, but got ENOENT\n',
      code: 1,
    });
    expect(await failedStart({ PORT: 'abc', SUPERGRAPH: '' })).toEqual({
      said: 'Settings of gateway are wrong: PORT must be an integer from 0 to 65535, but got "abc"; SUPERGRAPH is missing\n',
      code: 1,
    });
  });
});
