import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

import { afterEach, describe, expect, it } from 'vitest';

const servicePath = fileURLToPath(new URL('./lifecycle/service.ts', import.meta.url));
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Starts the test service with an IPC channel, as a supervisor does. */
function startService(env: NodeJS.ProcessEnv = {}) {
  const child = fork(servicePath, { env: { ...process.env, ...env }, silent: true });
  children.push(child);
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  // Not 'close' of the child: Node never emits it after a disconnect from our side.
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const closed = child.stderr && once(child.stderr, 'close');
  const ended = Promise.all([exited, closed]).then(([[code]]) => ({ code, stderr: () => stderr }));
  const said = async (text: string) => {
    while (!stderr.includes(text)) await once(child.stderr ?? child, 'data');
  };
  return { child, ended, said, ready: once(child, 'message').then(([message]) => message as unknown) };
}

describe('a process run by runProcess', () => {
  it('tells its supervisor where it answers once it is ready', async () => {
    const { ready } = startService();
    const message = await ready;
    expect(message).toEqual({
      type: 'ready',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/graphql$/),
    });
    const { url } = message as { url: string };
    expect(await (await fetch(url)).text()).toBe('ok');
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('drains and exits with 0 on %s', async (signal) => {
    const { child, ready, ended } = startService();
    await ready;
    child.kill(signal);
    const { code, stderr } = await ended;
    expect([code, stderr()]).toEqual([0, 'draining\ndrained\n']);
  });

  it('drains and exits with 0 when its supervisor goes away', async () => {
    const { child, ready, ended } = startService();
    await ready;
    child.disconnect();
    const { code, stderr } = await ended;
    expect([code, stderr()]).toEqual([0, 'draining\ndrained\n']);
  });

  it('ends when its supervisor went away before it could listen for that', async () => {
    const { child, ended } = startService();
    child.disconnect();
    expect((await ended).code).toBe(0);
  });

  it('ends at once on a second signal', async () => {
    const { child, ready, said, ended } = startService({ BEHAVIOUR: 'stop-hangs' });
    await ready;
    child.kill('SIGTERM');
    await said('draining');
    child.kill('SIGTERM');
    expect((await ended).code).toBe(128 + 15);
  });

  it('ends when draining takes longer than DRAIN_TIMEOUT_MS', async () => {
    const { child, ready, ended } = startService({ BEHAVIOUR: 'stop-hangs', DRAIN_TIMEOUT_MS: '50' });
    await ready;
    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    expect([code, stderr()]).toEqual([0, 'draining\nservice did not drain within 50 ms: it ends anyway\n']);
  });

  it('ends within DRAIN_TIMEOUT_MS also when its start hangs', async () => {
    const { child, ended } = startService({ BEHAVIOUR: 'start-hangs', DRAIN_TIMEOUT_MS: '50' });
    child.disconnect();
    expect((await ended).code).toBe(0);
  });

  it('names every wrong setting in one line and exits with 1', async () => {
    const { code, stderr } = await startService({ PORT: 'abc' }).ended;
    expect([code, stderr()]).toEqual([
      1,
      'Settings of service are wrong: PORT must be an integer of at least 0, but got "abc"\n',
    ]);
  });

  it('says in one line that its port is in use and exits with 1', async () => {
    const busy = createServer().listen(0, '127.0.0.1');
    await once(busy, 'listening');
    const { port } = busy.address() as AddressInfo;
    const { code, stderr } = await startService({ PORT: String(port) }).ended;
    busy.close();
    expect([code, stderr()]).toEqual([1, `Port ${port} is in use: stop what listens there or set PORT\n`]);
  });

  it('says any other reason in one line, with the stack only when LOG_LEVEL is debug', async () => {
    const quiet = await startService({ BEHAVIOUR: 'start-fails' }).ended;
    expect([quiet.code, quiet.stderr()]).toEqual([
      1,
      'service did not start: Migration 002 failed: no such table\n',
    ]);
    const loud = await startService({ BEHAVIOUR: 'start-fails', LOG_LEVEL: 'debug' }).ended;
    expect(loud.stderr()).toMatch(/at .*service\.ts/);
  });

  it('logs an error that nobody caught with its cause and exits with 1', async () => {
    const { child, ready, ended } = startService({ BEHAVIOUR: 'rejects-later' });
    await ready;
    child.send('now');
    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(JSON.parse(stderr())).toMatchObject({
      level: 'fatal',
      name: 'service',
      msg: 'unhandledRejection: lost',
      err: { message: 'lost', stack: expect.stringContaining('service.ts'), cause: { message: 'inner' } },
    });
  });
});
