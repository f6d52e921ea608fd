import { anonymous, type CallerVerifier } from '@tributary/gateway';
import { defineError } from '@tributary/errors';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openReadySocket, openSocket } from '../support/open-socket.ts';
import { startTestGateway, type TestGateway } from '../support/start-test-gateway.ts';
import { startTalkingSupergraph, type TalkingSupergraph } from '../support/talking-supergraph.ts';

const SignInAgain = defineError('UNAUTHENTICATED', () => 'The session has ended');

/** Knows callers by a session's cookie, by a key, and by what a socket says. */
const verifyToken: CallerVerifier = (authorization, { headers, payload }) => {
  asked.push({ authorization, cookie: headers.cookie });
  const session = /session=(\w+)/.exec(headers.cookie ?? '')?.[1];
  const sub = authorization ?? session ?? headers['x-api-key'] ?? payload?.['apiKey'];
  if (typeof sub !== 'string') return anonymous;
  if (sub === 'ended') throw new SignInAgain();
  return { sub, roles: [], scopes: sub === 'greedy' ? ['internal:presence'] : [] };
};

const operatorToken = 'sesame-of-operators';
const asked: object[] = [];
let supergraph: TalkingSupergraph;
let gateway: TestGateway;

const start = (settings: Readonly<Record<string, string>> = {}) =>
  startTestGateway(supergraph, { OPERATOR_TOKEN: operatorToken, ...settings }, { verifyToken });

beforeAll(async () => {
  supergraph = await startTalkingSupergraph();
  gateway = await start();
});
afterAll(async () => {
  await gateway?.stop();
  await supergraph?.stop();
});
beforeEach(() => void asked.splice(0));

const query = 'subscription { commentAdded(postId: "42") { body } }';

/** Who is connected, as operators see it. */
async function users(of: TestGateway): Promise<readonly unknown[]> {
  const headers = { authorization: `Bearer ${operatorToken}` };
  const response = await fetch(`${of.origin}/connections`, { headers });
  const { connections } = (await response.json()) as { connections: readonly { readonly user?: string }[] };
  return connections.map(({ user }) => user);
}

const soon = { timeout: 20_000 };

describe.each([
  ['a cookie', { cookie: 'session=ada' }],
  ['a key', { 'x-api-key': 'ada' }],
])('%s', (_what, headers) => {
  it('says who asks by a plain request', async () => {
    const { body } = await gateway.query('{ post(id: "42") { title } }', { headers });
    expect(body.errors).toBeUndefined();
    await expect.poll(() => gateway.log.at(-1), soon).toMatchObject({ user: { id: 'ada' } });
  });

  it.each(['text/event-stream', 'multipart/mixed;subscriptionSpec=1.0'])(
    'says who listens by %s',
    async (accept) => {
      const leaving = new AbortController();
      await fetch(gateway.url, {
        method: 'POST',
        headers: { ...headers, accept, 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
        signal: leaving.signal,
      });
      await expect.poll(() => users(gateway), soon).toEqual(['ada']);
      leaving.abort();
      await expect.poll(() => users(gateway), soon).toEqual([]);
    },
  );

  it('says who opened a socket', async () => {
    const { socket } = await openReadySocket(gateway.url.replace('http', 'ws'), {}, { headers });
    expect(await users(gateway)).toEqual(['ada']);
    socket.close();
    await expect.poll(() => users(gateway), soon).toEqual([]);
  });
});

it('is asked with what a socket says, which counts as no header', async () => {
  const url = gateway.url.replace('http', 'ws');
  const said = await openReadySocket(url, { apiKey: 'ada' });
  const feigned = await openReadySocket(url, { cookie: 'session=ada', 'x-api-key': 'ada' });
  expect(await users(gateway)).toEqual(['ada', undefined]);
  for (const { socket } of [said, feigned]) socket.close();
  await expect.poll(() => users(gateway), soon).toEqual([]);
});

it('is asked without the cookie by a socket that renews its token', async () => {
  const { send, message, socket } = await openReadySocket(
    gateway.url.replace('http', 'ws'),
    { authorization: 'ada' },
    { headers: { cookie: 'session=grace' } },
  );
  send({ type: 'ping', payload: { authorization: 'ada' } });
  expect(await message()).toEqual({ type: 'pong', payload: {} });
  expect(asked).toEqual([
    { authorization: 'ada', cookie: 'session=grace' },
    { authorization: 'ada', cookie: undefined },
  ]);
  expect(await users(gateway)).toEqual(['ada']);
  socket.close();
  await expect.poll(() => users(gateway), soon).toEqual([]);
});

it('refuses by every way whom it refuses', async () => {
  const headers = { cookie: 'session=ended' };
  const { status, body } = await gateway.query('{ __typename }', { headers });
  expect([status, body.errors?.[0]?.extensions['code']]).toEqual([401, 'UNAUTHENTICATED']);
  const streamed = await gateway.query(query, { headers: { ...headers, accept: 'text/event-stream' } });
  expect(streamed.body.errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
  const socket = await openSocket(gateway.url.replace('http', 'ws'), { headers });
  socket.send({ type: 'connection_init' });
  expect(await socket.closed).toEqual({ code: 4403, reason: 'The session has ended' });
});

it('makes nobody the gateway, whatever scopes it gives', async () => {
  const { body } = await gateway.query('{ __typename }', { headers: { 'x-api-key': 'greedy' } });
  expect(body.errors?.[0]?.extensions['code']).toBe('INTERNAL_SERVER_ERROR');
});

describe('a page of another site', () => {
  const headers = { cookie: 'session=ada', 'sec-fetch-site': 'cross-site' };

  it('has nobody asked who its user is, where a browser sends its request without asking', async () => {
    const response = await fetch(`${gateway.url}?query={__typename}`, { headers });
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'CSRF_PREVENTED' } }] });
    const stream = await fetch(`${gateway.url}?query=${encodeURIComponent(query)}`, {
      headers: { ...headers, accept: 'text/event-stream' },
    });
    expect(await stream.json()).toMatchObject({ errors: [{ extensions: { code: 'CSRF_PREVENTED' } }] });
    expect(asked).toEqual([]);
  });

  it('opens sockets as nobody where every page may', async () => {
    const open = await start({ CORS_ORIGINS: '*' });
    const url = open.url.replace('http', 'ws');
    const { socket } = await openReadySocket(url, {}, { headers, origin: 'https://evil.example' });
    expect(await users(open)).toEqual([undefined]);
    socket.terminate();
    await open.stop();
  });
});
