import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

import type { MemorySupergraph } from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { holdAnswer } from '../support/hold-answer.ts';
import { startSmallSupergraph } from '../support/small-supergraph.ts';
import { startTestGateway, type GatewayAnswer, type TestGateway } from '../support/start-test-gateway.ts';

let supergraph: MemorySupergraph;
let gateway: TestGateway;

beforeAll(async () => {
  supergraph = await startSmallSupergraph();
  gateway = await startTestGateway(supergraph, {
    CORS_ORIGINS: 'https://app.example,http://localhost:*',
    MAX_BODY_BYTES: '2048',
    BODY_TIMEOUT_MS: '100',
  });
});
afterAll(async () => {
  await gateway?.stop();
  await supergraph?.stop();
});

const json = { 'content-type': 'application/json' };

const post = (body: unknown, headers: Record<string, string> = json) =>
  fetch(gateway.url, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const get = (params: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}?${new URLSearchParams(params).toString()}`, { headers });

const firstError = async (response: Response) => {
  const { errors } = (await response.json()) as GatewayAnswer['body'];
  return `${response.status} ${String(errors?.[0]?.extensions['code'])}: ${errors?.[0]?.message}`;
};

describe('a request that is not one', () => {
  it.each([
    ['{"query":', 'Expected a JSON object as the body, but got something that is not JSON'],
    ['', 'Expected a JSON object with "query" as the body, but got no body'],
    ['7', 'Expected a JSON object as the body, but got another JSON value'],
    ['{}', 'Expected "query" to be a GraphQL document, but there is none'],
    ['{"query":7}', 'Expected "query" to be a string, but got something else'],
    ['{"query":"{me{id}}","variables":[]}', 'Expected "variables" to be an object, but got something else'],
    [
      '[{"query":"{me{id}}"}]',
      'Expected one operation as a JSON object, but got a list: send them one by one',
    ],
  ])('is refused with the reason: %s', async (body, message) => {
    expect(await firstError(await post(body))).toBe(`400 BAD_REQUEST: ${message}`);
  });

  it('says which method it may have', async () => {
    const response = await fetch(gateway.url, { method: 'PUT', headers: json, body: '{}' });
    expect(response.headers.get('allow')).toBe('GET, POST, OPTIONS');
    expect(await firstError(response)).toBe('405 BAD_REQUEST: Expected GET or POST, but got PUT');
  });

  it.each(['text/plain', 'application/graphql', 'application/json; charset=iso-8859-1'])(
    'says which content type it may have, not %s',
    async (contentType) => {
      expect(await firstError(await post('{"query":"{me{id}}"}', { 'content-type': contentType }))).toBe(
        `415 BAD_REQUEST: Expected Content-Type: application/json in UTF-8, but got ${contentType}`,
      );
    },
  );

  it('says which media types it answers with', async () => {
    const response = await post({ query: '{me{id}}' }, { ...json, accept: 'text/csv' });
    expect(response.status).toBe(406);
  });

  it('finds nothing beside the endpoint', async () => {
    const response = await fetch(`${gateway.origin}/admin`);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      message: 'Nothing is served here; there is /graphql, /health/live, /health/ready, /metrics',
    });
  });
});

describe('a body', () => {
  const large = { query: `{ me { name } } # ${'x'.repeat(4096)}` };

  it('is refused when it says that it is too large', async () => {
    const response = await post(large);
    expect(response.headers.get('connection')).toBe('close');
    expect(await firstError(response)).toBe(
      '413 REQUEST_TOO_LARGE: Expected a body of at most 2048 bytes, but got a larger one',
    );
  });

  it('is refused when it turns out to be too large', async () => {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    const request = httpRequest(gateway.url, { method: 'POST', headers: json }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('error', reject);
    request.write(JSON.stringify(large));
    expect(await promise).toBe(413);
    request.destroy();
  });

  it('is refused when it does not arrive', async () => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const headers = { ...json, 'content-length': '100' };
    const request = httpRequest(gateway.url, { method: 'POST', headers }, (response) => {
      text(response).then((body) => resolve(`${response.statusCode} ${body}`), reject);
    });
    request.on('error', () => {});
    request.write('{"query":');
    expect(await promise).toContain('Expected the whole body within 100 ms, but it did not arrive');
    expect(await promise).toMatch(/^408 /);
    request.destroy();
  });

  it('is refused when it is not UTF-8', async () => {
    const body = Buffer.concat([Buffer.from('{"query":"{me{id}} #'), Buffer.from([0xff]), Buffer.from('"}')]);
    const response = await fetch(gateway.url, { method: 'POST', headers: json, body });
    expect(await firstError(response)).toBe(
      '400 BAD_REQUEST: Expected a body in UTF-8, but some of its bytes are not',
    );
  });
});

describe('what a document may be', () => {
  it('refuses a mutation by GET', async () => {
    const response = await get({ query: 'mutation { rename(id: 1, name: "x") { id } }' });
    expect(response.headers.get('allow')).toBe('POST');
    expect(await firstError(response)).toBe(
      '405 BAD_REQUEST: Expected a mutation to be sent by POST, but got GET',
    );
  });

  it('refuses a subscription over plain HTTP', async () => {
    expect(await firstError(await post({ query: 'subscription { postCreated { id } }' }))).toBe(
      '400 BAD_REQUEST: Expected a query or a mutation, but got a subscription: it needs a transport that streams',
    );
  });

  it('wants to know which operation is meant', async () => {
    const query = 'query A { me { id } } query B { me { name } }';
    expect(await firstError(await post({ query }))).toBe(
      '200 OPERATION_RESOLUTION_FAILURE: Expected operationName to say which operation to run, but the document has "A", "B"',
    );
    expect(await firstError(await post({ query, operationName: 'C' }))).toBe(
      '200 OPERATION_RESOLUTION_FAILURE: Expected an operation named "C", but the document has "A", "B"',
    );
    expect(await (await post({ query, operationName: 'B' })).json()).toEqual({
      data: { me: { name: 'Ada' } },
    });
  });

  it('answers with positions, alternatives and codes', async () => {
    const { body } = await gateway.query('{ me { nam } }');
    expect(body.errors).toEqual([
      {
        message: 'Cannot query field "nam" on type "User". Did you mean "name"?',
        locations: [{ line: 1, column: 8 }],
        extensions: {
          code: 'GRAPHQL_VALIDATION_FAILED',
          timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
          requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        },
      },
    ]);
    expect((await gateway.query('{ me')).body.errors?.[0]).toMatchObject({
      message: 'Syntax Error: Expected Name, found <EOF>.',
      locations: [{ line: 1, column: 5 }],
      extensions: { code: 'GRAPHQL_PARSE_FAILED' },
    });
  });

  it('says what is wrong with a variable', async () => {
    const query = 'query ($id: ID!) { user(id: $id) { name } }';
    const refused = await gateway.query(query, { variables: { id: { a: 1 } } });
    expect(refused.body).toMatchObject({
      errors: [
        {
          message: expect.stringContaining('ID cannot represent value'),
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ],
    });
    expect(refused.body.data).toBeUndefined();
    expect((await gateway.query(query, { variables: { id: 'u2' } })).body).toEqual({
      data: { user: { name: 'Grace' } },
    });
  });

  it('follows fragments, aliases, @skip and @include', async () => {
    const query = /* GraphQL */ `
      query ($no: Boolean!, $yes: Boolean!) {
        a: me {
          ...Names
        }
        b: me {
          id @skip(if: $yes)
          name @include(if: $yes)
        }
        c: me @include(if: $no) {
          id
        }
      }
      fragment Names on User {
        called: name
      }
    `;
    const { body } = await gateway.query(query, { variables: { no: false, yes: true } });
    expect(body).toEqual({ data: { a: { called: 'Ada' }, b: { name: 'Ada' } } });
  });

  it('keeps the schema to itself in production', async () => {
    const production = await startTestGateway(supergraph, { NODE_ENV: 'production' });
    const introspected = await production.query('{ __schema { types { name } } }');
    expect(introspected.body.errors?.[0]?.message).toBe(
      'GraphQL introspection has been disabled, but the requested query contained the field "__schema".',
    );
    const misspelt = await production.query('{ me { nam } }');
    expect(misspelt.body.errors?.[0]?.message).toBe('Cannot query field "nam" on type "User".');
    expect((await production.query('{ __typename }')).body).toEqual({ data: { __typename: 'Query' } });
    const page = await fetch(production.url, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(406);
    await production.stop();
  });
});

describe('a request from another site', () => {
  const query = '{ me { name } }';

  it.each(['cross-site', 'same-site'])(
    'is refused when the browser says %s and did not ask first',
    async (site) => {
      const response = await get({ query }, { 'sec-fetch-site': site });
      expect(await firstError(response)).toMatch(/^403 CSRF_PREVENTED: .*apollo-require-preflight: true$/);
    },
  );

  it.each([
    ['same-origin', {}],
    ['none', {}],
    ['cross-site', { 'apollo-require-preflight': 'true' }],
    ['cross-site', { 'content-type': 'application/json' }],
  ])('is served when the browser says %s and sends %j', async (site, headers) => {
    expect((await get({ query }, { 'sec-fetch-site': site, ...headers })).status).toBe(200);
  });

  it('is served when nobody says where it is from: then it is no browser', async () => {
    expect((await get({ query })).status).toBe(200);
  });
});

describe('CORS', () => {
  const preflight = (origin: string) =>
    fetch(gateway.url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,authorization',
      },
    });

  it.each(['https://app.example', 'http://localhost:5173'])(
    'lets %s in, with credentials',
    async (origin) => {
      const response = await preflight(origin);
      expect(response.status).toBe(204);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        'access-control-allow-headers': 'content-type,authorization',
        'access-control-allow-methods': 'GET, POST',
        vary: 'Origin',
      });
      const answer = await post({ query: '{ __typename }' }, { ...json, origin });
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
      expect(answer.headers.get('access-control-expose-headers')).toBe('x-request-id, retry-after');
    },
  );

  it.each(['https://app.example.evil.test', 'http://localhost:5173.evil.test', 'null'])(
    'does not know %s',
    async (origin) => {
      expect((await preflight(origin)).headers.has('access-control-allow-origin')).toBe(false);
    },
  );

  it('lets nobody in by default in production', async () => {
    const production = await startTestGateway(supergraph, { NODE_ENV: 'production' });
    const response = await fetch(production.url, {
      method: 'OPTIONS',
      headers: { origin: 'http://localhost:3000' },
    });
    expect(response.headers.has('access-control-allow-origin')).toBe(false);
    await production.stop();
  });
});

describe('an answer', () => {
  it('carries the id that the client gave, or a new one', async () => {
    const { headers } = await gateway.query('{ me { id } }', {
      headers: { 'x-request-id': 'client-chose-it' },
    });
    expect(headers.get('x-request-id')).toBe('client-chose-it');
    const { requests } = supergraph.subgraph('users');
    expect(requests.at(-1)?.headers['x-request-id']).toBe('client-chose-it');
    expect((await gateway.query('{ me { id } }')).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('passes the trace on, and never what is not one', async () => {
    const { requests } = supergraph.subgraph('users');
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await gateway.query('{ me { id } }', { headers: { traceparent } });
    expect(requests.at(-1)?.headers['traceparent']).toBe(traceparent);
    await gateway.query('{ me { id } }', { headers: { traceparent: 'x' } });
    expect(requests.at(-1)?.headers['traceparent']).toBeUndefined();
  });

  it('is compressed when it is long and the client can read it', async () => {
    const body = JSON.stringify({ query: '{ __schema { types { name description } } }' });
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const headers = { ...json, 'accept-encoding': 'gzip' };
    httpRequest(gateway.url, { method: 'POST', headers }, (response) => {
      expect(response.headers).toMatchObject({
        'content-encoding': 'gzip',
        vary: 'Origin, Accept, Accept-Encoding',
      });
      response.toArray().then((chunks: Buffer[]) => resolve(Buffer.concat(chunks)), reject);
    }).end(body);
    expect(gunzipSync(await promise).toString()).toMatch(/^\{"data":\{"__schema"/);
  });
});

describe('the pages beside the endpoint', () => {
  it('tells who is there', async () => {
    expect(await (await fetch(`${gateway.origin}/health/live`)).json()).toEqual({ status: 'live' });
    const response = await fetch(`${gateway.origin}/health/ready`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: 'ready',
      supergraph: expect.stringMatching(/^[0-9a-f]{32}$/),
      subgraphs: { users: { status: 'up' }, posts: { status: 'up' } },
      errors: { total: expect.any(Number) },
    });
  });

  it.each(['/health/live', '/health/ready', '/metrics'])('lets %s be read and nothing else', async (path) => {
    const response = await fetch(gateway.origin + path, { method: 'POST' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await fetch(gateway.origin + path, { method: 'HEAD' })).status).toBe(200);
  });

  it('streams to a client that asks for it', async () => {
    const url = `${gateway.url}?query={posts{title}}`;
    const response = await fetch(url, { headers: { accept: 'text/event-stream' } });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await response.text()).toBe(
      ':\n\nevent: next\ndata: {"data":{"posts":[{"title":"First"},{"title":"Second"}]}}\n\n' +
        'event: complete\ndata: \n\n',
    );
  });

  it('lets no browser take an answer for a page', async () => {
    for (const url of [`${gateway.origin}/health/live`, `${gateway.url}?query={x}`]) {
      expect((await fetch(url)).headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('counts by the names that tools rely on', async () => {
    const counting = await startTestGateway(supergraph);
    await counting.query('{ posts { title author { name } } }');
    await counting.query('{ nothing }');
    const page = await (await fetch(`${counting.origin}/metrics`)).text();
    for (const line of [
      'tributary_subgraph_requests_total{subgraph="posts"} 1',
      'tributary_subgraph_requests_total{subgraph="users"} 1',
      'tributary_requests_total{status="200"} 2',
      'tributary_errors_total{code="GRAPHQL_VALIDATION_FAILED",class="user"} 1',
      'tributary_request_duration_seconds_count 2',
      'tributary_active_subscriptions 0',
      'tributary_build_info{service="gateway",version="0.1.0"} 1',
    ]) {
      expect(page).toContain(line);
    }
    expect(page).toContain('nodejs_eventloop_lag_p99_seconds');
    await counting.stop();
  });

  it('logs each request once, with who and what and without secrets', async () => {
    const logging = await startTestGateway(supergraph, { LOG_LEVEL: 'debug' });
    await logging.query(
      'query Find($id: ID!) { a: user(id: $id) { name } b: user(id: "hunter2") { name } }',
      {
        variables: { id: 'x', password: 'hunter2' },
        headers: {
          'apollographql-client-name': 'web',
          'apollographql-client-version': '3',
          'x-request-id': 'logged-once',
        },
      },
    );
    const lines = logging.log.filter(({ msg }) => msg === 'request');
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'info',
        requestId: 'logged-once',
        status: 200,
        operation: { type: 'query', name: 'Find' },
        client: { ip: '127.0.0.1', userAgent: 'node', name: 'web', version: '3' },
        variables: { id: 'x', password: '[redacted]' },
      }),
    ]);
    expect(JSON.stringify(lines)).toContain('user(id: \\"…\\")');
    expect(JSON.stringify(logging.log)).not.toContain('hunter2');
    await logging.stop();
  });
});

describe('a gateway that is told to stop', () => {
  it('finishes what it began, is no longer ready, and then is gone', async () => {
    const leaving = await startTestGateway(supergraph);
    const arrived = holdAnswer(supergraph.subgraph('users'), { me: { name: 'late' } });
    const port = Number(new URL(leaving.url).port);
    // A connection that is kept busy, so that it can ask once more while the gateway drains.
    const socket = connect(port, '127.0.0.1').setEncoding('utf8');
    socket.write('GET /health/live HTTP/1.1\r\nhost: x\r\n\r\nGET /heal');
    await new Promise((resolve) => socket.once('data', resolve));

    const answer = leaving.query('{ me { name } }');
    const finish = await arrived;
    const stopped = leaving.stop();
    socket.write('th/ready HTTP/1.1\r\nhost: x\r\n\r\n');
    const ready = await text(socket);
    expect(ready).toContain('HTTP/1.1 503');
    expect(ready).toContain('connection: close');
    expect(ready).toContain('"status":"draining"');
    finish();
    expect((await answer).body).toEqual({ data: { me: { name: 'late' } } });
    await stopped;
    supergraph.subgraph('users').misbehave(undefined);
    await expect(fetch(leaving.url)).rejects.toThrow('fetch failed');
  });

  it('cuts off what does not finish in time', async () => {
    const leaving = await startTestGateway(supergraph, { DRAIN_TIMEOUT_MS: '50' });
    const arrived = Promise.withResolvers<void>();
    supergraph.subgraph('users').misbehave(() => arrived.resolve());
    const answer = leaving.query('{ me { name } }');
    await arrived.promise;
    await Promise.all([leaving.stop(), expect(answer).rejects.toThrow('fetch failed')]);
    supergraph.subgraph('users').misbehave(undefined);
  });
});
