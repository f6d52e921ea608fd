import { startMemorySubgraph, type MemorySupergraph } from '@tributary/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { startSmallSupergraph } from '../support/small-supergraph.ts';
import { startTestGateway, type TestGateway } from '../support/start-test-gateway.ts';

const query = '{ me { name } posts { title author { id name } } }';

let supergraph: MemorySupergraph;
let gateway: TestGateway;

beforeEach(async () => {
  supergraph = await startSmallSupergraph();
  gateway = await startTestGateway(supergraph, { FETCH_TIMEOUT_MS: '100' });
});
afterEach(async () => {
  await gateway.stop();
  await supergraph.stop();
});

const places = (errors: readonly { path?: readonly (string | number)[]; extensions: object }[] = []) =>
  errors.map(({ path, extensions }) => [path?.join('.'), 'code' in extensions && extensions.code]);

describe('a subgraph that is down', () => {
  it('takes its own fields with it, says so, and comes back without a restart', async () => {
    const { port, sdl } = supergraph.subgraph('users');
    await supergraph.subgraph('users').stop();

    const without = await gateway.query(query);
    expect(without.status).toBe(200);
    expect(without.body.data).toEqual({
      me: null,
      posts: [
        { title: 'First', author: { id: 'u1', name: null } },
        { title: 'Second', author: { id: 'u2', name: null } },
      ],
    });
    expect(places(without.body.errors)).toEqual(
      expect.arrayContaining([
        ['me', 'SUBGRAPH_UNAVAILABLE'],
        ['posts.0.author.name', 'SUBGRAPH_UNAVAILABLE'],
        ['posts.1.author.name', 'SUBGRAPH_UNAVAILABLE'],
      ]),
    );
    expect(without.body.errors?.[0]?.extensions).toMatchObject({ retryable: true, serviceName: 'users' });

    const resolvers = { Query: { me: () => ({ id: 'u1', name: 'Ada is back' }) } };
    const users = await startMemorySubgraph({ name: 'users', typeDefs: sdl, resolvers, port });
    const back = await gateway.query('{ me { name } }');
    expect(back.body).toEqual({ data: { me: { name: 'Ada is back' } } });
    await users.stop();
  });

  it('does not keep the gateway from starting, nor from being ready', async () => {
    await supergraph.subgraph('users').stop();
    const other = await startTestGateway(supergraph);
    const response = await fetch(`${other.origin}/health/ready`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: 'ready',
      subgraphs: { users: { status: 'down' }, posts: { status: 'up' } },
    });
    expect(other.log).toContainEqual(
      expect.objectContaining({ level: 'warn', msg: 'subgraph "users" is down' }),
    );
    await other.stop();
  });
});

describe('a subgraph that answers wrongly', () => {
  const json = { 'content-type': 'application/json' };
  const broken = '{"data":{"me":{"name"';

  it.each([
    ['an HTML error page', 502, { 'content-type': 'text/html' }, '<h1>Bad Gateway</h1>'],
    ['no content type', 200, {}, '{"data":{"me":null}}'],
    ['half a JSON document', 200, json, broken],
    ['JSON that is no object', 200, json, '[]'],
    ['neither data nor errors', 200, json, '{}'],
    ['data that is no object', 200, json, '{"data":[1]}'],
    ['errors without messages', 200, json, '{"data":null,"errors":[{}]}'],
    ['an empty body', 200, json, ''],
  ])('is unavailable when it sends %s', async (_what, status, headers, body) => {
    supergraph.subgraph('users').misbehave((response) => response.writeHead(status, headers).end(body));
    const { body: answer } = await gateway.query('{ me { name } }');
    expect(answer.data).toEqual({ me: null });
    expect(places(answer.errors)).toEqual([['me', 'SUBGRAPH_UNAVAILABLE']]);
  });

  it('has timed out when it does not answer, or never ends', async () => {
    supergraph.subgraph('users').misbehave(() => {});
    const silent = await gateway.query('{ me { name } }');
    expect(places(silent.body.errors)).toEqual([['me', 'SUBGRAPH_TIMEOUT']]);
    expect(silent.body.errors?.[0]?.message).toBe('Subgraph "users" did not answer within 100 ms');

    supergraph
      .subgraph('users')
      .misbehave((response) => void response.writeHead(200, json).write('{"data":'));
    const endless = await gateway.query('{ me { name } }');
    expect(places(endless.body.errors)).toEqual([['me', 'SUBGRAPH_TIMEOUT']]);
  });

  it('fails the fields that it owned when it sends the wrong number of entities', async () => {
    supergraph
      .subgraph('users')
      .misbehave((response) => response.writeHead(200, json).end('{"data":{"_entities":[]}}'));
    const { body } = await gateway.query('{ posts { title author { name } } }');
    expect(body.data).toEqual({
      posts: [
        { title: 'First', author: { name: null } },
        { title: 'Second', author: { name: null } },
      ],
    });
    expect(places(body.errors)).toEqual([
      ['posts.0.author.name', 'SUBGRAPH_UNAVAILABLE'],
      ['posts.1.author.name', 'SUBGRAPH_UNAVAILABLE'],
    ]);
  });
});

describe('the time of a request', () => {
  it('ends with a coded error at the deadline', async () => {
    const impatient = await startTestGateway(supergraph, { REQUEST_TIMEOUT_MS: '50' });
    supergraph.subgraph('users').misbehave(() => {});
    const { status, body } = await impatient.query('{ me { name } }');
    expect(status).toBe(504);
    expect(body.errors?.[0]).toMatchObject({
      message: 'Expected the request to be answered within 50 ms, but it was not',
      extensions: { code: 'REQUEST_TIMEOUT', retryable: true },
    });
    await impatient.stop();
  });

  it('ends for the subgraph too when the client leaves', async () => {
    const arrived = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    const patient = await startTestGateway(supergraph);
    supergraph.subgraph('users').misbehave((response) => {
      response.once('close', left.resolve);
      arrived.resolve();
    });
    const controller = new AbortController();
    const asking = fetch(patient.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ me { name } }' }),
      signal: controller.signal,
    });
    await arrived.promise;
    controller.abort();
    await expect(asking).rejects.toThrow('aborted');
    await left.promise;
    await expect.poll(() => patient.log).toContainEqual(expect.objectContaining({ status: 499 }));
    expect(patient.log.filter(({ level }) => level === 'fatal' || level === 'error')).toEqual([]);
    await patient.stop();
  });
});
