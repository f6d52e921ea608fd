import { readMetric, startMemorySubgraph, type MemorySupergraph } from '@tributary/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { startSmallSupergraph } from '../support/small-supergraph.ts';
import { startTestGateway, type TestGateway } from '../support/start-test-gateway.ts';

const query = '{ me { name } }';
const users = { subgraph: 'users' };

let supergraph: MemorySupergraph;
let gateway: TestGateway;

const start = async (settings: Readonly<Record<string, string>> = {}) => {
  gateway = await startTestGateway(supergraph, settings);
};
beforeEach(async () => {
  supergraph = await startSmallSupergraph();
});
afterEach(async () => {
  await gateway?.stop();
  await supergraph.stop();
});

const metric = (name: string) => readMetric(gateway.origin, `tributary_subgraph_${name}`, users);
const codes = async () =>
  (await gateway.query(query)).body.errors?.map(({ extensions }) => extensions['code']);
const breakerLines = () => gateway.log.map(({ msg }) => msg).filter((msg) => msg.includes('held off'));
const health = async () => {
  const body = (await (await fetch(`${gateway.origin}/health/ready`)).json()) as {
    readonly subgraphs: Readonly<Record<string, object>>;
  };
  return body.subgraphs['users'];
};

it('does not show a client that a subgraph broke off once', async () => {
  await start();
  const { requests } = supergraph.subgraph('users');
  supergraph.subgraph('users').misbehave((response) => {
    supergraph.subgraph('users').misbehave(undefined);
    response.destroy();
  });
  const { body } = await gateway.query(query);
  expect(body.errors).toBeUndefined();
  expect([requests.length, await metric('retries_total'), await metric('requests_total')]).toEqual([2, 1, 2]);
});

it('holds off a subgraph that is gone, says so, and asks it again when it is back', async () => {
  await start({ SUBGRAPH_BREAKER_FAILURES: '3', SUBGRAPH_BREAKER_OPEN_MS: '300' });
  expect(await metric('breaker_open')).toBe(0);
  const { port, sdl } = supergraph.subgraph('users');
  await supergraph.subgraph('users').stop();
  for (let index = 0; index < 3; index += 1) expect(await codes()).toEqual(['SUBGRAPH_UNAVAILABLE']);
  expect(await metric('breaker_open')).toBe(1);
  expect(await health()).toMatchObject({ breaker: 'open' });
  const sent = await metric('requests_total');
  expect(sent).toBe(6);

  // Whoever asks is told the same, by the subgraph or in its place, until it is there.
  expect(await codes()).toEqual(['SUBGRAPH_UNAVAILABLE']);
  const resolvers = { Query: { me: () => ({ id: 'u1', name: 'Ada is back' }) } };
  const back = await startMemorySubgraph({ name: 'users', typeDefs: sdl, resolvers, port });
  await expect.poll(codes, { timeout: 30_000 }).toBeUndefined();
  expect(await metric('breaker_open')).toBe(0);
  expect(await health()).not.toHaveProperty('breaker');
  expect(breakerLines()).toEqual([
    'subgraph "users" fails again and again, and is held off',
    'subgraph "users" is no longer held off',
  ]);
  await back.stop();
});

it('tells a client when to come back, and in production nothing of who is gone', async () => {
  await start({
    NODE_ENV: 'production',
    SUBGRAPH_BREAKER_FAILURES: '1',
    SUBGRAPH_BREAKER_OPEN_MS: '600000',
  });
  await supergraph.subgraph('users').stop();
  await codes();
  const { status, body } = await gateway.query(query);
  expect(status).toBe(200);
  expect(body.data).toEqual({ me: null });
  expect(body.errors?.[0]?.extensions).toMatchObject({
    code: 'SUBGRAPH_UNAVAILABLE',
    retryable: true,
    retryAfter: expect.any(Number),
  });
  expect(JSON.stringify(body)).not.toContain('users');
  // The others are asked as before.
  expect((await gateway.query('{ posts { title } }')).body.errors).toBeUndefined();
});
