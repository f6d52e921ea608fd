import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { openReadySocket } from '../support/open-socket.ts';
import { startTestGateway, startTokenIssuer, type TestGateway } from '../support/start-test-gateway.ts';
import { createTalkingEvents } from '../support/talking-events.ts';
import { startTalkingSupergraph, type TalkingSupergraph } from '../support/talking-supergraph.ts';

const token = 'sesame-of-operators';
let supergraph: TalkingSupergraph;
let issuer: Awaited<ReturnType<typeof startTokenIssuer>>;
let events: ReturnType<typeof createTalkingEvents>;
let gateway: TestGateway;

beforeAll(async () => {
  [supergraph, issuer] = await Promise.all([startTalkingSupergraph(), startTokenIssuer()]);
  events = createTalkingEvents(supergraph);
  const settings = { JWT_JWKS_URL: issuer.jwksUrl, OPERATOR_TOKEN: token, NODE_ENV: 'production' };
  gateway = await startTestGateway(supergraph, settings, { eventLog: events.eventLog });
});
afterAll(async () => {
  await gateway?.stop();
  await events?.stop();
  await issuer?.stop();
  await supergraph?.stop();
});

const open = (authorization?: string, path = '/subscriptions') =>
  fetch(gateway.origin + path, { headers: authorization === undefined ? {} : { authorization } });
const read = async () => (await open(`Bearer ${token}`)).text();
const stats = async () => JSON.parse(await read()) as Record<string, unknown>;

it.each([undefined, '', 'Bearer', `Bearer ${token}x`, `Bearer ${token.slice(1)}`, token])(
  'is shown to nobody who says %j',
  async (authorization) => {
    for (const path of ['/subscriptions', '/connections', '/connections?user=u1']) {
      const response = await open(authorization, path);
      expect([response.status, Object.keys((await response.json()) as object)]).toEqual([401, ['message']]);
    }
  },
);

it('says what is subscribed to, and nothing of who listens or what they asked for', async () => {
  const secret = await issuer.sign({ sub: 'user-who-hides' });
  const query = 'subscription OnComment($post: ID!) { commentAdded(postId: $post) { body } }';
  const clients = Array.from({ length: 2 }, () =>
    createClient({
      url: gateway.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authToken: secret },
    }),
  );
  const results = clients.map((client) => client.iterate({ query, variables: { post: '42' } }));
  const firsts = results.map((each) => each.next());
  const poll = { timeout: 20_000 };
  await expect.poll(async () => (await stats())['subscribers'], poll).toBe(2);
  await events.comment('7');
  await Promise.all(firsts);
  const text = await read();
  expect(JSON.parse(text)).toEqual({
    subscribers: 2,
    groups: 1,
    patterns: 1,
    operations: [
      {
        name: 'OnComment',
        field: 'commentAdded',
        document: expect.any(String),
        subscribers: 2,
        groups: 1,
        since: expect.stringMatching(/^20\d\d-/),
        delivered: 2,
        dropped: 0,
      },
    ],
    more: 0,
  });
  for (const hidden of [secret, 'user-who-hides', '"42"', 'Bearer']) expect(text).not.toContain(hidden);
  for (const client of clients) await client.dispose();
  await expect.poll(stats, poll).toEqual({ subscribers: 0, groups: 0, patterns: 0, operations: [], more: 0 });
});

it('says who is connected, by which way and since when', async () => {
  const page = async (query = '') =>
    (await (await open(`Bearer ${token}`, `/connections${query}`)).json()) as {
      readonly connections: readonly object[];
    };
  const query = 'subscription { commentAdded(postId: "42") { body } }';
  const socket = await openReadySocket(gateway.url.replace('http', 'ws'), {
    authToken: await issuer.sign({ sub: 'ada' }),
  });
  for (const id of ['1', '2']) socket.send({ id, type: 'subscribe', payload: { query } });
  const leaving = new AbortController();
  await fetch(`${gateway.url}?query=${encodeURIComponent(query)}`, {
    headers: { accept: 'text/event-stream', authorization: `Bearer ${await issuer.sign({ sub: 'bob' })}` },
    signal: leaving.signal,
  });
  const time = expect.stringMatching(/^20\d\d-.*Z$/);
  const about = { id: expect.any(String), ip: '127.0.0.1', openedAt: time, lastActivityAt: time };
  const ada = { ...about, transport: 'ws', user: 'ada', operations: 2, bufferedBytes: 0 };
  const bob = { ...about, transport: 'sse', user: 'bob', operations: 1, bufferedBytes: 0 };
  await expect.poll(() => page(), { timeout: 20_000 }).toEqual({ connections: [ada, bob], more: 0 });
  expect(await page('?user=bob')).toEqual({ connections: [bob], more: 0 });
  expect((await page('?user=')).connections).toEqual([]);
  leaving.abort();
  socket.socket.close();
  await expect.poll(() => page(), { timeout: 20_000 }).toEqual({ connections: [], more: 0 });
});

it('is not there where nobody has a token for it', async () => {
  const closed = await startTestGateway(supergraph);
  for (const path of ['/subscriptions', '/connections'])
    expect((await fetch(closed.origin + path)).status).toBe(404);
  await closed.stop();
});
