import type { EmbeddedPostgres } from '@tributary/embedded-postgres';
import { readMetric, startTestPostgres } from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openReadySocket, type TestSocket } from '../support/open-socket.ts';
import { startRealSupergraph, type RealSupergraph } from '../support/start-real-supergraph.ts';

let postgres: EmbeddedPostgres;
let supergraph: RealSupergraph;
const sockets: TestSocket[] = [];

beforeAll(async () => {
  postgres = await startTestPostgres(['event_log']);
  const events = { EVENTS_URL: postgres.url('event_log') };
  supergraph = await startRealSupergraph({
    subgraphs: { users: events, posts: events, comments: events },
    gateway: events,
  });
});
afterAll(async () => {
  for (const { socket } of sockets) socket.terminate();
  await supergraph?.stop();
  await postgres?.stop();
});

const soon = { timeout: 30_000 };

async function open(userId?: string): Promise<TestSocket> {
  const payload = userId === undefined ? undefined : { authToken: await supergraph.signIn(userId) };
  const opened = await openReadySocket(supergraph.gateway.url.replace('http', 'ws'), payload);
  sockets.push(opened);
  return opened;
}

/** Subscribes, and is back when nothing that happens from now on is missed. */
async function subscribe(socket: TestSocket, query: string) {
  socket.send({ id: 'live', type: 'subscribe', payload: { query, extensions: { resume: {} } } });
  expect(await socket.message()).toMatchObject({
    type: 'next',
    payload: { extensions: { event: { opened: true } } },
  });
  return async () => {
    const { type, payload } = await socket.message();
    expect(type).toBe('next');
    return Object.values((payload as { data: Record<string, unknown> }).data)[0];
  };
}

/** What a subscription is refused with. */
async function refusal(socket: TestSocket, query: string) {
  socket.send({ id: 'refused', type: 'subscribe', payload: { query } });
  const { type, payload } = await socket.message();
  const [error] = payload as readonly { readonly extensions: { readonly code: string } }[];
  return [type, error?.extensions.code];
}

describe('presenceChanged', () => {
  const follow = (...ids: readonly string[]) =>
    `subscription { presenceChanged(userIds: ${JSON.stringify(ids)}) { id isOnline lastSeenAt } }`;
  const connections = () =>
    readMetric(supergraph.gateway.origin, 'tributary_connections', { transport: 'ws' });

  /** Lets the gateway's lease run out now, after the gateway has noticed who left. */
  async function leave(userId: string, leaving: readonly TestSocket[]) {
    const left = (await connections()) - leaving.length;
    for (const { socket } of leaving) socket.close();
    await expect.poll(connections, soon).toBe(left);
    const { sql } = supergraph.users.database;
    await sql`update presence_leases set expires_at = now() where user_id = ${userId}`;
  }

  it('tells who follows a member that the member came, and that the last of their sockets left', async () => {
    const next = await subscribe(await open(), follow('3', '4'));
    const first = await open('3');
    expect(await next()).toEqual({ id: '3', isOnline: true, lastSeenAt: expect.any(String) });
    const second = await open('3');
    first.socket.close();
    await open('5');
    // Nothing was heard of the first socket's end, nor of whom nobody follows.
    await leave('3', [second]);
    expect(await next()).toEqual({ id: '3', isOnline: false, lastSeenAt: expect.any(String) });
  });

  it('tells once of one who comes and goes again and again', async () => {
    const next = await subscribe(await open(), follow('6', '7'));
    for (let round = 0; round < 20; round += 1) {
      const { socket, closed } = await open('6');
      socket.close();
      await closed;
    }
    const stays = await open('6');
    expect(await next()).toMatchObject({ id: '6', isOnline: true });
    await leave('6', [stays]);
    expect(await next()).toMatchObject({ id: '6', isOnline: false });
    await open('7');
    expect(await next()).toMatchObject({ id: '7', isOnline: true });
  });

  it.each([0, 101])('follows no %i members', async (count) => {
    const ids = Array.from({ length: count }, (_each, index) => String(index));
    expect(await refusal(await open('1'), follow(...ids))).toEqual(['error', 'BAD_USER_INPUT']);
  });
});

describe('notificationReceived', () => {
  const query = 'subscription { notificationReceived { kind postId actor { name } } }';

  async function comment(postId: string, userId: string) {
    const { body } = await supergraph.query(
      `mutation { addComment(input: { postId: "${postId}", body: "So true" }) { __typename } }`,
      { token: await supergraph.signIn(userId) },
    );
    expect(body).toEqual({ data: { addComment: { __typename: 'Comment' } } });
  }

  it('tells the author of a post of a comment, and nobody else', async () => {
    const next = await Promise.all(['1', '2', '3'].map(async (id) => subscribe(await open(id), query)));
    const [leanne, ervin] = next;
    await comment('11', '3');
    expect(await ervin?.()).toEqual({
      kind: 'POST_COMMENTED',
      postId: '11',
      actor: { name: 'Clementine Bauch' },
    });
    await comment('1', '3');
    // The first that she hears: what was for somebody else came before it.
    expect(await leanne?.()).toMatchObject({ postId: '1' });
  });

  it('is for members only', async () => {
    expect(await refusal(await open(), query)).toEqual(['error', 'UNAUTHENTICATED']);
  });

  it('ends when the member is signed out', async () => {
    const socket = await open('8');
    await subscribe(socket, query);
    expect(supergraph.gateway.revoke('8')).toBe(1);
    expect(await socket.message()).toMatchObject({
      id: 'live',
      type: 'error',
      payload: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    expect((await socket.closed).code).toBe(4403);
  });
});
