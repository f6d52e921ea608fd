import { readMetric } from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startDeferringSupergraph, type DeferringSupergraph } from '../support/deferring-supergraph.ts';
import { putPartsTogether } from '../support/put-parts-together.ts';
import { acceptParts, readParts, type StreamedRequest } from '../support/read-parts.ts';
import { startTestGateway, startTokenIssuer, type TestGateway } from '../support/start-test-gateway.ts';

let supergraph: DeferringSupergraph;
let gateway: TestGateway;
let issuer: Awaited<ReturnType<typeof startTokenIssuer>>;

beforeAll(async () => {
  supergraph = await startDeferringSupergraph();
  issuer = await startTokenIssuer();
  gateway = await startTestGateway(supergraph, { JWT_JWKS_URL: issuer.jwksUrl });
});
afterAll(async () => {
  await gateway?.stop();
  await issuer?.stop();
  await supergraph?.stop();
});

const parts = (query: string, options?: StreamedRequest) => readParts(gateway.url, query, options);

const payloads = async (query: string, options?: StreamedRequest) => (await parts(query, options)).rest();

describe('the stream', () => {
  it('sends the first part while a deferred one is still being fetched', async () => {
    const profiles = supergraph.hold('profiles');
    const answer = await parts('{ me { name ... @defer(label: "profile") { bio } } }');
    expect(await answer.next()).toEqual({ data: { me: { name: 'Ada' } }, hasNext: true });
    await profiles.asked;
    profiles.release();
    expect(await answer.rest()).toEqual([
      { incremental: [{ data: { bio: 'Counts' }, path: ['me'], label: 'profile' }], hasNext: false },
    ]);
  });

  it('is what Apollo Server would send, byte for byte', async () => {
    const answer = await parts('{ me { name ... @defer { bio } } }');
    await answer.rest();
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'multipart/mixed; boundary="-"; deferSpec=20220824',
      'cache-control': 'no-store',
      'transfer-encoding': 'chunked',
      'x-accel-buffering': 'no',
      vary: expect.stringContaining('Accept'),
    });
    expect(answer.headers).not.toHaveProperty('content-encoding');
    const part = (json: string) => `content-type: application/json; charset=utf-8\r\n\r\n${json}\r\n---`;
    expect(answer.bytes()).toBe(
      '\r\n---\r\n' +
        `${part('{"data":{"me":{"name":"Ada"}},"hasNext":true}')}\r\n` +
        `${part('{"incremental":[{"data":{"bio":"Counts"},"path":["me"]}],"hasNext":false}')}--\r\n`,
    );
  });

  it('sends each part when it is there, in whatever order', async () => {
    const profiles = supergraph.hold('profiles');
    const answer = await parts(
      '{ me { ... @defer(label: "slow") { bio } ... @defer(label: "fast") { posts { title } } } }',
    );
    expect(await answer.next()).toEqual({ data: { me: {} }, hasNext: true });
    expect(await answer.next()).toEqual({
      incremental: [{ data: { posts: [{ title: 'Notes' }] }, path: ['me'], label: 'fast' }],
      hasNext: true,
    });
    profiles.release();
    expect(await answer.rest()).toEqual([
      { incremental: [{ data: { bio: 'Counts' }, path: ['me'], label: 'slow' }], hasNext: false },
    ]);
  });

  it('announces parts by ids to a client that asks for the newer format', async () => {
    const answer = await parts(
      '{ me { name ... @defer(label: "friends") { friends { name ... @defer(label: "bio") { bio } } } } }',
      { headers: { accept: 'multipart/mixed;incrementalSpec=v0.2' } },
    );
    expect(answer.headers['content-type']).toBe('multipart/mixed; boundary="-"; incrementalSpec=v0.2');
    const [first, ...others] = await answer.rest();
    expect(first).toEqual({
      data: { me: { name: 'Ada' } },
      pending: [{ id: '0', path: ['me'], label: 'friends' }],
      hasNext: true,
    });
    expect(others[0]).toMatchObject({
      pending: [
        { id: '1', path: ['me', 'friends', 0], label: 'bio' },
        { id: '2', path: ['me', 'friends', 1], label: 'bio' },
      ],
      incremental: [{ id: '0', data: { friends: [{ name: 'Grace' }, { name: 'Alan' }] } }],
      completed: [{ id: '0' }],
    });
    expect(others.flatMap(({ completed = [] }) => completed).map(({ id }) => id)).toEqual(['0', '1', '2']);
    expect(others.at(-1)?.hasNext).toBe(false);
  });

  it.each([
    ['nothing is deferred', '{ me { name } }'],
    ['all that is deferred is turned off', '{ me { name ... @defer(if: false) { bio } } }'],
    ['there is no object to defer for', '{ user(id: "nobody") { name ... @defer { bio } } }'],
  ])('is none when %s', async (_when, query) => {
    const { status, headers, body } = await gateway.query(query, { headers: { accept: acceptParts } });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8');
    expect(body.errors).toBeUndefined();
  });

  it.each([undefined, '*/*', 'application/json'])('is none for Accept: %s', async (accept) => {
    const { body } = await gateway.query('{ me { name ... @defer { bio } } }', {
      headers: accept === undefined ? {} : { accept },
    });
    expect(body).toEqual({ data: { me: { name: 'Ada', bio: 'Counts' } } });
  });

  it('has one part for a client that takes nothing else', async () => {
    const headers = { accept: 'multipart/mixed;deferSpec=20220824' };
    expect(await payloads('{ me { name } }', { headers })).toEqual([
      { data: { me: { name: 'Ada' } }, hasNext: false },
    ]);
    const [refused] = await payloads('{ nothing }', { headers });
    expect(refused).toMatchObject({
      errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
      hasNext: false,
    });
  });
});

describe('what is deferred', () => {
  it('hangs on a variable', async () => {
    const query = 'query ($later: Boolean!) { me { name ... @defer(if: $later) { bio } } }';
    const counts = await Promise.all(
      [true, false].map(async (later) => {
        const headers = { accept: 'multipart/mixed' };
        return (await payloads(query, { variables: { later }, headers })).length;
      }),
    );
    expect(counts).toEqual([2, 1]);
  });

  it('may be of the same subgraph as what is not', async () => {
    expect(await payloads('{ me { id ... @defer { name } } }')).toEqual([
      { data: { me: { id: 'u1' } }, hasNext: true },
      { incremental: [{ data: { name: 'Ada' }, path: ['me'] }], hasNext: false },
    ]);
  });

  it('may be the whole answer', async () => {
    expect(await payloads('{ ... @defer { me { name } } }')).toEqual([
      { data: {}, hasNext: true },
      { incremental: [{ data: { me: { name: 'Ada' } }, path: [] }], hasNext: false },
    ]);
  });

  it('may be within something deferred, which comes first', async () => {
    const all = await payloads(
      '{ me { name ... @defer(label: "outer") { bio posts { id ... @defer(label: "inner") { title author { name } } } } } }',
    );
    const labels = all.flatMap(({ incremental = [] }) => incremental).map(({ label }) => label);
    expect(labels).toEqual(['outer', 'inner']);
    expect(putPartsTogether(all).data).toEqual({
      me: { name: 'Ada', bio: 'Counts', posts: [{ id: 'p1', title: 'Notes', author: { name: 'Ada' } }] },
    });
  });

  it('comes for every object of a list', async () => {
    const all = await payloads('{ users { name ... @defer(label: "bio") { bio } } }');
    const incremental = all.flatMap((payload) => payload.incremental ?? []);
    expect(incremental).toEqual([
      { data: { bio: 'Counts' }, path: ['users', 0], label: 'bio' },
      { data: { bio: 'Compiles' }, path: ['users', 1], label: 'bio' },
      { data: { bio: null }, path: ['users', 2], label: 'bio' },
    ]);
  });

  it('comes once per fragment, also where none has a label', async () => {
    const all = await payloads('{ me { ... @defer { bio } ... @defer { motto } } }');
    const incremental = all.flatMap((payload) => payload.incremental ?? []);
    expect(incremental).toHaveLength(2);
    expect(incremental).toEqual(
      expect.arrayContaining([
        { data: { bio: 'Counts' }, path: ['me'] },
        { data: { motto: 'Onwards' }, path: ['me'] },
      ]),
    );
  });

  it('may be a named fragment, spread in several places', async () => {
    const all = await payloads(
      '{ me { ...P @defer(label: "mine") friends { ...P @defer(label: "theirs") } } } fragment P on User { bio }',
    );
    expect(putPartsTogether(all).data).toEqual({
      me: { bio: 'Counts', friends: [{ bio: 'Compiles' }, { bio: null }] },
    });
  });

  it('may be within a fragment that is spread in several places', async () => {
    const all = await payloads(
      '{ me { ...P friends { ...P } } } fragment P on User { name ... @defer(label: "x") { bio } }',
    );
    expect(putPartsTogether(all).data).toEqual({
      me: {
        name: 'Ada',
        bio: 'Counts',
        friends: [
          { name: 'Grace', bio: 'Compiles' },
          { name: 'Alan', bio: null },
        ],
      },
    });
  });

  it('may be on an interface, and on one of its types', async () => {
    const all = await payloads(
      '{ members { id ... @defer { name } ... on User @defer { bio } ... on Team @defer { bio } } }',
    );
    expect(putPartsTogether(all).data).toEqual({
      members: [
        { id: 'u1', name: 'Ada', bio: 'Counts' },
        { id: 'u2', name: 'Grace', bio: 'Compiles' },
        { id: 'u3', name: 'Alan', bio: null },
        { id: 't1', name: 'Analysts', bio: 'We are t1' },
      ],
    });
  });

  it('may be of what a mutation changed', async () => {
    const all = await payloads(
      'mutation { a: rename(id: "u1", name: "Countess") { name ... @defer(label: "a") { bio } } b: rename(id: "u2", name: "Admiral") { name } }',
    );
    expect(all).toEqual([
      { data: { a: { name: 'Countess' }, b: { name: 'Admiral' } }, hasNext: true },
      { incremental: [{ data: { bio: 'Counts' }, path: ['a'], label: 'a' }], hasNext: false },
    ]);
  });

  it.each([
    '{ me { ... @defer(label: "a") { name } ... @defer(label: "a") { bio } } }',
    'query ($l: String) { me { ... @defer(label: $l) { name } } }',
    'mutation { ... @defer { rename(id: "u1", name: "x") { name } } }',
    '{ me @defer { name } }',
    '{ me { ... @defer(unknown: 1) { name } } }',
  ])('is refused where it is wrong: %s', async (query) => {
    const { body } = await gateway.query(query, { headers: { accept: acceptParts } });
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' });
  });
});

describe('what goes wrong', () => {
  it('is told in the part that it belongs to', async () => {
    supergraph.subgraph('profiles').misbehave((response) => response.writeHead(500).end());
    const [first, ...others] = await payloads('{ me { name ... @defer(label: "bio") { bio } } }');
    supergraph.subgraph('profiles').misbehave(undefined);
    expect(first).toEqual({ data: { me: { name: 'Ada' } }, hasNext: true });
    expect(others).toMatchObject([
      {
        incremental: [
          {
            data: { bio: null },
            path: ['me'],
            errors: [
              {
                path: ['me', 'bio'],
                extensions: {
                  code: 'SUBGRAPH_UNAVAILABLE',
                  timestamp: expect.any(String),
                  requestId: expect.any(String),
                },
              },
            ],
          },
        ],
        hasNext: false,
      },
    ]);
  });

  it('takes the part with it where null may not stand, and no more', async () => {
    const all = await payloads(
      '{ user(id: "u3") { name ... @defer(label: "m") { motto } ... @defer { bio } } }',
    );
    expect(all[0]).toEqual({ data: { user: { name: 'Alan' } }, hasNext: true });
    const incremental = all.flatMap((payload) => payload.incremental ?? []);
    expect(incremental).toHaveLength(2);
    expect(incremental).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ data: { bio: null }, path: ['user'] }),
        expect.objectContaining({
          data: null,
          path: ['user'],
          label: 'm',
          errors: [expect.objectContaining({ path: ['user', 'motto'] })],
        }),
      ]),
    );
  });

  it('stops where null may stand', async () => {
    const all = await payloads('{ user(id: "u3") { name ... @defer { avatar { url width } } } }');
    expect(all[1]?.incremental).toMatchObject([
      { data: { avatar: null }, path: ['user'], errors: [{ path: ['user', 'avatar', 'url'] }] },
    ]);
  });

  it('is told of what the caller may not see, when the part comes', async () => {
    const query = '{ me { name ... @defer { email } } }';
    const [first, second] = await payloads(query);
    expect(first).toEqual({ data: { me: { name: 'Ada' } }, hasNext: true });
    expect(second?.incremental).toMatchObject([
      {
        data: { email: null },
        path: ['me'],
        errors: [{ path: ['me', 'email'], extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } }],
      },
    ]);
    const headers = { authorization: `Bearer ${await issuer.sign()}` };
    const [, allowed] = await payloads(query, { headers });
    expect(allowed?.incremental).toEqual([{ data: { email: 'u1@example.com' }, path: ['me'] }]);
  });

  it('is an error of the last part when the time is up', async () => {
    const hurried = await startTestGateway(supergraph, {
      REQUEST_TIMEOUT_MS: '2000',
      FETCH_TIMEOUT_MS: '10000',
    });
    const profiles = supergraph.hold('profiles');
    const answer = await readParts(hurried.url, '{ me { name ... @defer(label: "late") { bio } } }');
    const [first, last] = await answer.rest();
    profiles.release();
    expect(first).toEqual({ data: { me: { name: 'Ada' } }, hasNext: true });
    expect(last).toMatchObject({
      incremental: [
        { data: null, path: ['me'], label: 'late', errors: [{ extensions: { code: 'REQUEST_TIMEOUT' } }] },
      ],
      hasNext: false,
    });
    await hurried.stop();
  });
});

describe('around the stream', () => {
  it('is shown to a developer how the first part and the whole came about', async () => {
    const all = await payloads('{ me { name ... @defer { bio } } }', { headers: { 'tributary-debug': '1' } });
    const fetches = all.map(({ extensions }) => {
      const debug = extensions?.['debug'] as { fetches: readonly { subgraph: string }[] } | undefined;
      return debug?.fetches.map(({ subgraph }) => subgraph);
    });
    expect(fetches).toEqual([['accounts'], ['accounts', 'profiles']]);
  });

  it('is one request in the log and in the metrics, when the last part is sent', async () => {
    const own = await startTestGateway(supergraph);
    const isRequest = ({ msg }: { msg: string }) => msg === 'request';
    const profiles = supergraph.hold('profiles');
    supergraph.subgraph('posts').misbehave((response) => response.writeHead(500).end());
    const answer = await readParts(own.url, '{ me { name ... @defer { bio } ... @defer { posts { id } } } }');
    await answer.next();
    await answer.next();
    expect(own.log.filter(isRequest)).toEqual([]);
    expect(await readMetric(own.origin, 'tributary_requests_total')).toBe(0);
    profiles.release();
    supergraph.subgraph('posts').misbehave(undefined);
    await answer.rest();
    expect(await readMetric(own.origin, 'tributary_requests_total', { status: '200' })).toBe(1);
    await own.stop();
    expect(own.log.filter(isRequest)).toEqual([
      expect.objectContaining({ status: 200, errors: ['SUBGRAPH_UNAVAILABLE'] }),
    ]);
  });

  it('logs once what many parts failed by', async () => {
    const own = await startTestGateway(supergraph);
    supergraph.subgraph('profiles').misbehave((response) => response.writeHead(500).end());
    const answer = await readParts(own.url, '{ users { ... @defer { bio } } }');
    const errors = putPartsTogether(await answer.rest()).errors;
    supergraph.subgraph('profiles').misbehave(undefined);
    await own.stop();
    expect(errors).toHaveLength(3);
    expect(own.log.filter(({ code }) => code === 'SUBGRAPH_UNAVAILABLE')).toEqual([
      expect.objectContaining({ count: 3 }),
    ]);
  });

  it('ends the fetches of a client that leaves', async () => {
    const own = await startTestGateway(supergraph);
    const closed = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    supergraph.subgraph('profiles').misbehave((response) => {
      asked.resolve();
      response.once('close', closed.resolve);
    });
    const answer = await readParts(own.url, '{ me { name ... @defer { bio } } }');
    await answer.next();
    await asked.promise;
    answer.leave();
    await closed.promise;
    supergraph.subgraph('profiles').misbehave(undefined);
    await own.stop();
    expect(own.log.filter(({ msg }) => msg === 'request')).toEqual([
      expect.objectContaining({ status: 499 }),
    ]);
    expect(own.log.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
  });

  it('lets a stream finish that was there when the gateway was told to stop', async () => {
    const own = await startTestGateway(supergraph);
    const profiles = supergraph.hold('profiles');
    const answer = await readParts(own.url, '{ me { name ... @defer { bio } } }');
    await answer.next();
    const stopped = own.stop();
    profiles.release();
    expect(await answer.rest()).toEqual([
      { incremental: [{ data: { bio: 'Counts' }, path: ['me'] }], hasNext: false },
    ]);
    await stopped;
  });

  it('keeps a stream on the supergraph on which it began', async () => {
    const own = await startTestGateway(supergraph);
    const profiles = supergraph.hold('profiles');
    const answer = await readParts(own.url, '{ me { name ... @defer { bio } } }');
    await answer.next();
    await own.reload();
    profiles.release();
    expect((await answer.rest()).at(-1)?.incremental).toEqual([{ data: { bio: 'Counts' }, path: ['me'] }]);
    await own.stop();
  });
});

describe('the parts together', () => {
  it.each([
    '{ users { id ... @defer { name friends { id ... @defer { bio avatar { width } } } } } }',
    '{ members { __typename ... on User @defer { motto2: bio posts { title } } ...N @defer } } fragment N on Member { id name }',
    '{ posts { id author { id } ... @defer { title author { name bio friends { name } } } } }',
    '{ a: user(id: "u1") { ... @defer { bio } } b: user(id: "u2") { bio ... @defer { bio posts { id author { bio } } } } }',
    '{ me { friends { friends { id ... @defer { name motto } } } ... @defer { friends { bio } } } }',
    '{ __schema { queryType { name } } me { ... @defer { __typename id bio } } }',
    '{ ... @defer { __schema { queryType { name } } me { id } } users { id } }',
    'query ($no: Boolean = false) { me { id ... @defer { bio @include(if: $no) motto @skip(if: $no) } } }',
  ])('are the answer without @defer: %s', async (query) => {
    const { data } = (await gateway.query(query)).body;
    expect(putPartsTogether(await payloads(query))).toEqual({ data, errors: [] });
  });
});
