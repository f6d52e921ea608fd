import { errorTable } from '@tributary/errors';
import type { MemorySupergraph } from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startSmallSupergraph } from '../support/small-supergraph.ts';
import { startTestGateway, type TestGateway } from '../support/start-test-gateway.ts';

let supergraph: MemorySupergraph;
let development: TestGateway;
let production: TestGateway;

beforeAll(async () => {
  supergraph = await startSmallSupergraph();
  development = await startTestGateway(supergraph);
  production = await startTestGateway(supergraph, { NODE_ENV: 'production' });
});
afterAll(async () => {
  await production?.stop();
  await development?.stop();
  await supergraph?.stop();
});

/** What a client reads when users answers with an error. */
const relayed = async (gateway: TestGateway, extensions: object, message = 'what users said') => {
  supergraph
    .subgraph('users')
    .misbehave((response) =>
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ data: { me: null }, errors: [{ message, path: ['me'], extensions }] })),
    );
  const { body } = await gateway.query('{ me { name } }');
  const [error] = body.errors ?? [];
  expect(body.errors).toHaveLength(1);
  expect(error?.path).toEqual(['me']);
  expect(error?.extensions).toMatchObject({
    timestamp: expect.any(String),
    requestId: expect.any(String),
  });
  return error;
};

const leaky = 'duplicate key: insert into users values … at http://10.0.0.7:4001/graphql';
const unnamed = errorTable.DOWNSTREAM_SERVICE_ERROR.meaning;
const said = 'what users said';

describe('an error of a subgraph', () => {
  it.each([
    // code that it carries, code and message that a client reads in development, message in production
    ['FORBIDDEN', 'FORBIDDEN', said, said],
    ['NOT_FOUND', 'NOT_FOUND', said, said],
    ['BAD_USER_INPUT', 'BAD_USER_INPUT', said, said],
    ['CONFLICT', 'CONFLICT', said, said],
    ['UNAUTHENTICATED', 'UNAUTHENTICATED', said, said],
    ['RATE_LIMITED', 'RATE_LIMITED', said, said],
    ['UNAUTHORIZED_FIELD_OR_TYPE', 'UNAUTHORIZED_FIELD_OR_TYPE', said, said],
    ['DATABASE_ERROR', 'DATABASE_ERROR', said, errorTable.DATABASE_ERROR.meaning],
    ['SERVICE_UNAVAILABLE', 'SERVICE_UNAVAILABLE', said, errorTable.SERVICE_UNAVAILABLE.meaning],
    ['SUBGRAPH_TIMEOUT', 'SUBGRAPH_TIMEOUT', said, errorTable.SUBGRAPH_TIMEOUT.meaning],
    ['INTERNAL_SERVER_ERROR', 'INTERNAL_SERVER_ERROR', 'Internal server error', 'Internal server error'],
    ['GRAPHQL_VALIDATION_FAILED', 'DOWNSTREAM_SERVICE_ERROR', unnamed, unnamed],
    ['BAD_REQUEST', 'DOWNSTREAM_SERVICE_ERROR', unnamed, unnamed],
    ['ECONNREFUSED', 'DOWNSTREAM_SERVICE_ERROR', unnamed, unnamed],
    [undefined, 'DOWNSTREAM_SERVICE_ERROR', unnamed, unnamed],
  ])('with the code %s is %s', async (code, expected, inDevelopment, inProduction) => {
    const seen = await relayed(development, { code });
    expect([seen?.extensions['code'], seen?.message]).toEqual([expected, inDevelopment]);
    expect(seen?.extensions['serviceName']).toBe('users');
    const hidden = await relayed(production, { code });
    expect([hidden?.extensions['code'], hidden?.message]).toEqual([expected, inProduction]);
    expect(hidden?.extensions['serviceName']).toBeUndefined();
  });

  it.each(['INTERNAL_SERVER_ERROR', 'DATABASE_ERROR', 'SOMETHING', undefined])(
    'never shows SQL or addresses in production, whatever code it has: %s',
    async (code) => {
      const error = await relayed(
        production,
        { code, sql: leaky, exception: { stacktrace: [leaky] } },
        leaky,
      );
      expect(JSON.stringify(error)).not.toMatch(/insert|10\.0\.0\.7|stacktrace|users/);
    },
  );

  it('keeps what a client may act on and nothing else', async () => {
    const useful = {
      retryAfter: 5,
      requiresAuth: true,
      requiredPermissions: ['write:posts'],
      failedKeys: ['1'],
    };
    const error = await relayed(production, {
      code: 'FORBIDDEN',
      ...useful,
      stacktrace: ['x'],
      serviceName: 'x',
      sql: 'x',
      http: { status: 418 },
    });
    const { timestamp: _, requestId: __, ...extensions } = error?.extensions ?? {};
    expect(extensions).toEqual({ code: 'FORBIDDEN', ...useful });
  });

  it('is in the log whole, with the request that it belongs to', async () => {
    const error = await relayed(production, { code: 'DATABASE_ERROR', sql: 'select 1' }, leaky);
    expect(production.log).toContainEqual(
      expect.objectContaining({
        level: 'error',
        code: 'DATABASE_ERROR',
        subgraph: 'users',
        path: ['me'],
        requestId: error?.extensions['requestId'],
        err: expect.objectContaining({ message: expect.stringContaining('insert into users') }),
      }),
    );
  });

  it('names no subgraph in production when it is not there', async () => {
    supergraph.subgraph('users').misbehave((response) => response.destroy());
    const { body } = await production.query('{ me { name } }');
    expect(body.errors?.[0]).toMatchObject({
      message: errorTable.SUBGRAPH_UNAVAILABLE.meaning,
      extensions: { code: 'SUBGRAPH_UNAVAILABLE', retryable: true },
    });
    expect(JSON.stringify(body)).not.toContain('users');
    expect((await development.query('{ me { name } }')).body.errors?.[0]?.message).toBe(
      'Subgraph "users" broke off, or did not answer in HTTP',
    );
  });
});

it('says an error of a hundred rows once in the log, and at most a hundred times in the answer', async () => {
  const rows = Array.from({ length: 150 }, (_, index) => ({ __typename: 'User', id: String(index) }));
  supergraph
    .subgraph('posts')
    .misbehave((response) =>
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ data: { posts: rows.map((author) => ({ title: 'x', author })) } })),
    );
  supergraph.subgraph('users').misbehave((response) => response.destroy());
  const headers = { 'x-request-id': 'hundred-rows' };
  const { body } = await production.query('{ posts { title author { name } } }', { headers });
  expect(body.errors).toHaveLength(100);
  const lines = production.log.filter((line) => line['requestId'] === 'hundred-rows' && line['count']);
  expect(lines).toEqual([expect.objectContaining({ code: 'SUBGRAPH_UNAVAILABLE', count: 150 })]);
});
