import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

import { afterEach, expect, it, onTestFinished, vi } from 'vitest';

import type { Group } from './groups/group.ts';
import type { PreparedSubscription } from './prepared-subscription.ts';
import { Upstreams } from './upstreams.ts';

const nobodyWaits = vi.fn();
process.on('unhandledRejection', nobodyWaits);
afterEach(() => void nobodyWaits.mockClear());

/** A subgraph that is there, and does not answer. */
async function startSilentSubgraph() {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  const arrival = async () => sockets[0] ?? ((await once(server, 'connection')) as [Socket])[0];
  return { url, arrival };
}

const programOn = (url: string, headers?: Readonly<Record<string, string>>) =>
  ({
    executable: {
      subgraph: { name: 'ticker', url },
      carriesIdentity: false,
      sourceBody: () => '{"query":"subscription { tick }"}',
    },
    request: { forwardedHeaders: headers },
  }) as unknown as PreparedSubscription;

const group = () =>
  ({
    onResult: vi.fn(),
    onEnd: vi.fn(),
    representative: { roles: [], scopes: [] },
  }) as unknown as Group;
const nextTurns = () => new Promise((resolve) => void setTimeout(resolve, 20));

it('outlives a subgraph that goes away while the last subscriber leaves', async () => {
  const { url, arrival } = await startSilentSubgraph();
  const upstreams = new Upstreams({ signIdentity: () => 'signed', retries: 0 });
  const leave = upstreams.subscribe(programOn(url), group());
  const socket = await arrival();
  leave();
  expect(upstreams.size).toBe(0);
  socket.destroy();
  await nextTurns();
  expect(nobodyWaits).not.toHaveBeenCalled();
});

it('stops while a subgraph goes away', async () => {
  const { url, arrival } = await startSilentSubgraph();
  const upstreams = new Upstreams({ signIdentity: () => 'signed', retries: 0 });
  upstreams.subscribe(programOn(url), group());
  const socket = await arrival();
  const stopped = upstreams.stop();
  socket.destroy();
  await stopped;
  await nextTurns();
  expect(nobodyWaits).not.toHaveBeenCalled();
});

it.each([
  ['a header that is none', { headers: { authorization: 'Bearer x\r\n' } }],
  ['an identity that cannot be signed', { fails: true }],
])(
  'ends subscriptions for %s',
  async (_what, { headers, fails }: { headers?: Record<string, string>; fails?: boolean }) => {
    const { url } = await startSilentSubgraph();
    const upstreams = new Upstreams({
      signIdentity: () => Promise.reject(new Error('no key')),
      retries: 0,
    });
    const program = programOn(url, headers);
    Object.assign(program.executable, { carriesIdentity: fails === true });
    const follower = group();
    upstreams.subscribe(program, follower);
    await vi.waitFor(() => expect(follower.onEnd).toHaveBeenCalledOnce());
    await nextTurns();
    expect(nobodyWaits).not.toHaveBeenCalled();
    expect(upstreams.size).toBe(0);
  },
);
