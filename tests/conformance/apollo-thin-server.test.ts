import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, createServer } from 'node:net';
import { text } from 'node:stream/consumers';

import { ApolloServer } from '@apollo/server';
import { createApolloGateway, startThinServer } from '@tributary/gateway/apollo';
import { createLogger } from '@tributary/telemetry';
import type { MemorySupergraph } from '@tributary/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { holdAnswer } from '../support/hold-answer.ts';
import {
  startApolloServer,
  startApolloSupergraph,
  type TestApolloServer,
} from '../support/start-apollo-server.ts';

const query = '{ me { name } }';
const answer = '{"data":{"me":{"name":"Ada"}}}\n';

let supergraph: MemorySupergraph;
let apollo: TestApolloServer;
let lastSignal: AbortSignal | undefined;

beforeAll(async () => {
  supergraph = await startApolloSupergraph();
  apollo = await startApolloServer(supergraph, {
    thin: {
      context: ({ signal }) => {
        lastSignal = signal;
        return { signal };
      },
      corsOrigins: ['https://app.example'],
      maxBodyBytes: 2000,
    },
  });
});
afterEach(() => supergraph.subgraph('users').misbehave(undefined));
afterAll(async () => {
  await apollo?.stop();
  await supergraph?.stop();
});

const send = async (init: RequestInit, search = '') => {
  const response = await fetch(apollo.url + search, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
};
const json = { 'content-type': 'application/json' };

describe('the thin HTTP layer', () => {
  it('answers POST and GET', async () => {
    expect(await apollo.post({ query })).toMatchObject({ status: 200, text: answer });
    const search = `?query=${encodeURIComponent(query)}`;
    const headers = { 'apollo-require-preflight': 'true' };
    expect(await send({ headers }, search)).toMatchObject({ status: 200, text: answer });
  });

  it('gives every answer the id of its request, which subgraphs see as well', async () => {
    const { headers } = await apollo.post({ query });
    const id = headers.get('x-request-id');
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(supergraph.subgraph('users').requests.at(-1)?.headers['x-request-id']).toBe(id);
  });

  it('lets the pages of listed origins in', async () => {
    const preflight = await send({
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-headers': 'content-type' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type');
    const allowed = await apollo.post({ query }, { origin: 'https://app.example' });
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example');
    const other = await apollo.post({ query }, { origin: 'https://evil.example' });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('takes a body in more than one piece', async () => {
    const body = JSON.stringify({ query });
    const request = httpRequest(apollo.url, {
      method: 'POST',
      headers: { ...json, 'content-length': body.length },
    });
    request.write(body.slice(0, 9));
    request.end(body.slice(9));
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(await text(response)).toBe(answer);
  });

  it.each<[string, RequestInit, number, RegExp]>([
    ['no JSON', { method: 'POST', headers: json, body: '{"query"' }, 400, /Expected JSON as the body/],
    ['no body', { method: 'POST', headers: json }, 400, /Expected JSON as the body/],
    [
      'another type',
      { method: 'POST', headers: { 'content-type': 'text/xml' }, body: '<a/>' },
      400,
      /POST body missing/,
    ],
    ['a simple type', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' }, 400, /CSRF/],
    [
      'a large body',
      { method: 'POST', headers: json, body: `"${'a'.repeat(2000)}"` },
      413,
      /at most 2000 bytes/,
    ],
    ['another method', { method: 'PUT', headers: json, body: '{}' }, 405, /supports only GET\/POST/],
    [
      'an Accept that allows nothing',
      { method: 'POST', headers: { ...json, accept: 'text/html' }, body: JSON.stringify({ query }) },
      406,
      /accept/,
    ],
  ])('refuses %s with JSON', async (_what, init, expectedStatus, message) => {
    const { status, headers, text } = await send(init);
    expect(status).toBe(expectedStatus);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect((JSON.parse(text) as { errors: { message: string }[] }).errors[0]?.message).toMatch(message);
  });

  it('refuses a mutation by GET', async () => {
    const mutation = encodeURIComponent('mutation { rename(input: { id: 1 }) { id } }');
    const { status, headers } = await send(
      { headers: { 'apollo-require-preflight': 'true' } },
      `?query=${mutation}`,
    );
    expect([status, headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('serves nothing else', async () => {
    expect((await fetch(new URL('/other', apollo.url))).status).toBe(404);
  });

  it('compresses a large answer for a client that reads it', async () => {
    const fields = Array.from({ length: 100 }, (_, index) => `f${index}: name`).join(' ');
    const { headers, text } = await apollo.post(
      { query: `{ me { ${fields} } }` },
      { 'accept-encoding': 'gzip' },
    );
    expect(headers.get('content-encoding')).toBe('gzip');
    expect(text.length).toBeGreaterThan(1024);
  });

  it('tells the context when the client is gone, and the engine stops to ask', async () => {
    const closed = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    supergraph.subgraph('users').misbehave((response) => {
      response.once('close', closed.resolve);
      arrived.resolve();
    });
    const leaving = new AbortController();
    const asked = send({
      method: 'POST',
      headers: json,
      body: JSON.stringify({ query }),
      signal: leaving.signal,
    }).catch((error: Error) => error.name);
    await arrived.promise;
    expect(lastSignal?.aborted).toBe(false);
    leaving.abort();
    expect(await asked).toBe('AbortError');
    await closed.promise;
    expect(lastSignal?.aborted).toBe(true);
  });
});

const logger = createLogger({ name: 'gateway', destination: { write: () => {} } });
const createServerFor = (text: string) =>
  new ApolloServer({ gateway: createApolloGateway({ supergraph: text, logger }), logger });

describe('stopping', () => {
  it('lets running requests finish, then closes everything', async () => {
    const { url, stop } = await startThinServer(createServerFor(supergraph.sdl), { port: 0, logger });
    const arrived = holdAnswer(supergraph.subgraph('users'), { me: { name: 'Late' } });
    const asked = fetch(url, { method: 'POST', headers: json, body: JSON.stringify({ query }) });
    const finish = await arrived;
    const stopped = stop();
    finish();
    expect(await (await asked).text()).toBe('{"data":{"me":{"name":"Late"}}}\n');
    await stopped;
    const [error] = (await once(connect(Number(new URL(url).port), '127.0.0.1'), 'error')) as [Error];
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('is what a start that failed does by itself', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const server = createServerFor(supergraph.sdl);
    await expect(startThinServer(server, { port, logger })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(await server.executeOperation({ query }).catch((error: Error) => error.message)).toContain(
      'Cannot execute GraphQL operations after the server has stopped',
    );
    taken.close();
  });

  it('is nothing that a server without a supergraph needs', async () => {
    const server = createServerFor('type Query { a: Int }');
    await expect(startThinServer(server, { port: 0, logger })).rejects.toThrow('it has no enum join__Graph');
  });
});
