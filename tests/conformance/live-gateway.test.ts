import { generateKeyPairSync } from 'node:crypto';

import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { resuming } from '@tributary/client/graphql-ws';
import { createClient, type Client } from 'graphql-ws';
import { createClient as createSseClient } from 'graphql-sse';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { startTestGateway, startTokenIssuer, type TestGateway } from '../support/start-test-gateway.ts';
import { createTalkingEvents } from '../support/talking-events.ts';
import { startTalkingSupergraph, type TalkingSupergraph } from '../support/talking-supergraph.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const settings = {
  IDENTITY_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  CONNECTION_IDLE_TIMEOUT_MS: '60000',
};

let supergraph: TalkingSupergraph;
let gateway: TestGateway;
let issuer: Awaited<ReturnType<typeof startTokenIssuer>>;
let events: ReturnType<typeof createTalkingEvents>;

const startGateway = () =>
  startTestGateway(supergraph, { ...settings, JWT_JWKS_URL: issuer.jwksUrl }, { eventLog: events.eventLog });

beforeAll(async () => {
  [supergraph, issuer] = await Promise.all([startTalkingSupergraph(), startTokenIssuer()]);
  events = createTalkingEvents(supergraph);
  gateway = await startGateway();
});
afterAll(async () => {
  await gateway?.stop();
  await events?.stop();
  await issuer?.stop();
  await supergraph?.stop();
});

const query = 'subscription { commentAdded(postId: 42) { body author { name } post { title } } }';
const expected = (id: string) => ({
  commentAdded: { body: `Comment ${id}`, author: { name: 'Grace' }, post: { title: 'On engines' } },
});
const wsUrl = () => gateway.url.replace('http', 'ws');
const ready = async (count: number, at: TestGateway = gateway): Promise<void> => {
  const look = async () => (await fetch(`${at.origin}/metrics`)).text();
  await expect.poll(look, { timeout: 10_000 }).toContain(`tributary_active_subscriptions ${count}\n`);
};

it.each([
  ['a WebSocket', () => createClient({ url: wsUrl(), webSocketImpl: WebSocket })],
  ['server-sent events', () => createSseClient({ url: gateway.url })],
])('an event reaches a subscriber over %s, with what it selects from three subgraphs', async (_by, open) => {
  const client = open();
  const results = client.iterate({ query });
  const first = results.next();
  await ready(1);
  await events.comment('7');
  expect((await first).value).toMatchObject({
    data: expected('7'),
    extensions: { event: { cursor: expect.any(String) } },
  });
  await results.return?.();
  await ready(0);
  await client.dispose();
});

it('an event reaches Apollo Client over multipart', async () => {
  const client = new ApolloClient({ link: new HttpLink({ uri: gateway.url }), cache: new InMemoryCache() });
  const seen: unknown[] = [];
  const subscription = client.subscribe({ query: gql(query) }).subscribe(({ data }) => void seen.push(data));
  await ready(1);
  await events.comment('7');
  await expect.poll(() => seen).toMatchObject([expected('7')]);
  subscription.unsubscribe();
  await ready(0);
  client.stop();
});

it('queries and mutations run over a socket, with the errors of HTTP', async () => {
  const client = createClient({ url: wsUrl(), webSocketImpl: WebSocket });
  const answer = client.iterate({ query: '{ post(id: 42) { title author { name } } }' });
  expect((await answer.next()).value).toEqual({
    data: { post: { title: 'On engines', author: { name: 'Ada' } } },
  });
  await expect(client.iterate({ query: '{ nothing }' }).next()).rejects.toMatchObject([
    { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
  ]);
  await client.dispose();
});

it('who comes back to another gateway gets what was missed, each event once', async () => {
  const leaving = await startGateway();
  let url = leaving.url.replace('http', 'ws');
  const client: Client = resuming(
    createClient({ url: () => url, webSocketImpl: WebSocket, retryWait: async () => undefined }),
  );
  const results = client.iterate({ query });
  const seen: unknown[] = [];
  const reading = (async () => {
    for await (const { data } of results) {
      seen.push((data as ReturnType<typeof expected>).commentAdded.body);
      if (seen.length === 6) return;
    }
  })();
  await ready(1, leaving);
  await events.comment('1');
  await events.comment('2');
  await expect.poll(() => seen).toHaveLength(2);
  url = wsUrl();
  // Nobody is subscribed while it is published.
  const stopped = leaving.stop();
  for (const id of ['3', '4', '5']) await events.comment(id);
  await stopped;
  await expect.poll(() => seen).toHaveLength(5);
  await events.comment('6');
  await reading;
  expect(seen).toEqual(['1', '2', '3', '4', '5', '6'].map((id) => `Comment ${id}`));
  await client.dispose();
});

describe('rights', () => {
  it('that are taken away end what their user listens to', async () => {
    const client = createClient({
      url: wsUrl(),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authToken: await issuer.sign() },
    });
    const next = client.iterate({ query }).next();
    await ready(1);
    expect(gateway.revoke('u1')).toBe(1);
    await expect(next).rejects.toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    await ready(0);
    expect(gateway.log).toContainEqual(
      expect.objectContaining({ level: 'warn', msg: 'a connection lost its rights', reason: 'revoked' }),
    );
    await client.dispose();
  });

  it('end with a token, in mid-stream', async () => {
    const client = createClient({
      url: wsUrl(),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authToken: await issuer.sign({}, { expiresIn: '3s' }) },
    });
    await expect(client.iterate({ query }).next()).rejects.toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED' } },
    ]);
    await client.dispose();
    await ready(0);
  });
});

it('a client that cuts its connection leaves nothing behind', async () => {
  const sockets: WebSocket[] = [];
  class Kept extends WebSocket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args);
      sockets.push(this);
    }
  }
  const clients = Array.from({ length: 5 }, () =>
    createClient({ url: wsUrl(), webSocketImpl: Kept, retryAttempts: 0 }),
  );
  for (const client of clients) {
    for (let times = 0; times < 5; times += 1)
      client
        .iterate({ query })
        .next()
        .catch(() => undefined);
  }
  await ready(25);
  for (const socket of sockets) socket.terminate();
  await ready(0);
  const page = await (await fetch(`${gateway.origin}/metrics`)).text();
  expect(page).toContain('tributary_connections{transport="ws"} 0');
});
