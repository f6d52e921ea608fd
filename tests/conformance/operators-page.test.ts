import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';

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

const open = (authorization?: string) =>
  fetch(`${gateway.origin}/subscriptions`, { headers: authorization === undefined ? {} : { authorization } });
const read = async () => (await open(`Bearer ${token}`)).text();
const stats = async () => JSON.parse(await read()) as Record<string, unknown>;

it.each([undefined, '', 'Bearer', `Bearer ${token}x`, `Bearer ${token.slice(1)}`, token])(
  'is shown to nobody who says %j',
  async (authorization) => {
    const response = await open(authorization);
    expect([response.status, Object.keys((await response.json()) as object)]).toEqual([401, ['message']]);
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
  await Promise.all(clients.map((client) => client.dispose()));
  await expect.poll(stats, poll).toEqual({ subscribers: 0, groups: 0, patterns: 0, operations: [], more: 0 });
});

it('is not there where nobody has a token for it', async () => {
  const closed = await startTestGateway(supergraph);
  expect((await fetch(`${closed.origin}/subscriptions`)).status).toBe(404);
  await closed.stop();
});
