import { writeFile } from 'node:fs/promises';

import { composeSupergraph, expectSupergraph } from '@tributary/planning';
import { createTestKeys, type MemorySupergraph } from '@tributary/testkit';
import { getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { holdAnswer } from '../support/hold-answer.ts';
import {
  startApolloServer,
  startApolloSupergraph,
  type TestApolloOptions,
  type TestApolloServer,
  type TestContext,
  type TestPlugin,
} from '../support/start-apollo-server.ts';

const postsQuery = '{ posts { title author { name } } }';
const postsData = {
  posts: [
    { title: 'First', author: { name: 'Ada' } },
    { title: 'Second', author: { name: 'Grace' } },
  ],
};

const identities = createTestKeys();

let supergraph: MemorySupergraph;
/** The server of all tests that need none of their own. */
let apollo: TestApolloServer;
/** What its one plugin does in a test. */
let plugin: TestPlugin = {};
const started: TestApolloServer[] = [];

beforeAll(async () => {
  supergraph = await startApolloSupergraph();
  apollo = await startApolloServer(supergraph, {
    gateway: {
      watches: false,
      identityPrivateKey: identities.privateKey,
      identify: ({ token, ...caller }) => ({
        ...caller,
        ...(token && { headers: { authorization: token } }),
      }),
    },
    server: {
      introspection: true,
      allowBatchedHttpRequests: true,
      plugins: [{ requestDidStart: async (requestContext) => plugin.requestDidStart?.(requestContext) }],
    },
  });
});
afterEach(async () => {
  plugin = {};
  supergraph.subgraph('users').misbehave(undefined);
  supergraph.subgraph('posts').misbehave(undefined);
  for (const each of started.splice(0)) await each.stop();
});
afterAll(async () => {
  await apollo?.stop();
  await supergraph?.stop();
});

const start = async (options?: TestApolloOptions): Promise<TestApolloServer> => {
  const server = await startApolloServer(supergraph, options);
  started.push(server);
  return server;
};

type RequestListener = Exclude<
  Awaited<ReturnType<NonNullable<TestPlugin['requestDidStart']>>>,
  // oxlint-disable-next-line typescript/no-invalid-void-type -- a plugin may listen to nothing
  void
>;

/** Lets the one plugin of the common server do this. */
const plugIn = (listener: RequestListener): void => {
  plugin = { requestDidStart: async () => listener };
};

/** Asks without HTTP, as tests of Apollo Server's users do. */
async function execute(
  { server }: TestApolloServer,
  query: string,
  { variables, contextValue = {} }: { variables?: Record<string, unknown>; contextValue?: TestContext } = {},
) {
  const { body, http } = await server.executeOperation(
    { query, ...(variables && { variables }) },
    { contextValue },
  );
  if (body.kind !== 'single') throw new TypeError(`Expected one result, but got ${body.kind}`);
  return { status: http.status, headers: http.headers, ...body.singleResult };
}

describe('an operation inside Apollo Server', () => {
  it('is answered with the text that the engine wrote, which nobody parses', async () => {
    plugIn({ willSendResponse: async () => {} });
    const parse = vi.spyOn(JSON, 'parse');
    const { status, headers, text } = await apollo.post({ query: postsQuery });
    const parsed = parse.mock.calls.map(([json]) => json);
    parse.mockRestore();
    const data = JSON.stringify(postsData);
    expect({ status, text }).toEqual({ status: 200, text: `{"data":${data}}\n` });
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
    expect(parsed.length).toBeGreaterThan(0);
    expect(parsed).not.toContain(data);
  });

  it('gives the same text where Apollo Server writes it', async () => {
    const other = await start({ server: { stringifyResult: (result) => JSON.stringify(result) } });
    expect((await other.post({ query: postsQuery })).text).toBe(JSON.stringify({ data: postsData }));
  });

  it('gives an object to whoever asks without HTTP', async () => {
    const { data, errors } = await execute(apollo, postsQuery);
    expect(errors).toBeUndefined();
    expect(data).toStrictEqual(postsData);
  });

  it('takes variables with the defaults of their types', async () => {
    const mutation = 'mutation ($input: RenameInput!) { renamed: rename(input: $input) { id name } }';
    const { data } = await execute(apollo, mutation, { variables: { input: { id: 'u9' } } });
    expect(data).toEqual({ renamed: { id: 'u9', name: 'Nobody' } });
  });

  it('may be asked again where nothing keeps its document', async () => {
    const other = await start({ server: { documentStore: null } });
    for (let time = 0; time < 2; time += 1) {
      expect((await execute(other, '{ me { name } }')).data).toEqual({ me: { name: 'Ada' } });
    }
  });

  it('is one of several that come together, where that is allowed', async () => {
    const { text } = await apollo.post([{ query: '{ me { name } }' }, { query: '{ me { id } }' }]);
    expect(JSON.parse(text)).toEqual([{ data: { me: { name: 'Ada' } } }, { data: { me: { id: 'u1' } } }]);
  });

  it('may ask for the schema', async () => {
    const { data } = await execute(apollo, getIntrospectionQuery());
    const { types } = (data as unknown as IntrospectionQuery).__schema;
    expect(types.map(({ name }) => name)).toEqual(expect.arrayContaining(['Query', 'User', 'Post']));
    expect(types.map(({ name }) => name)).not.toContain('join__Graph');
  });

  it('may not ask for the schema in production', async () => {
    const other = await start({ server: { introspection: false } });
    const { errors } = await execute(other, '{ __schema { queryType { name } } }');
    expect(errors?.[0]?.message).toContain('GraphQL introspection is not allowed');
  });
});

describe('a plugin', () => {
  it('sees the operation on its way', async () => {
    const seen: string[] = [];
    plugIn({
      didResolveOperation: async ({ operationName }) => void seen.push(`resolved ${operationName}`),
      executionDidStart: async () => {
        seen.push('execution began');
        return { executionDidEnd: async (error) => void seen.push(`ended ${error?.message ?? 'well'}`) };
      },
      willSendResponse: async ({ response }) => void seen.push(response.body.kind),
    });
    await apollo.post({ query: 'query Me { me { name } }' });
    expect(seen).toEqual(['resolved Me', 'execution began', 'ended well', 'single']);
  });

  it('reads the data, and what it changes is what is sent', async () => {
    plugIn({
      willSendResponse: async ({ response: { body } }) => {
        if (body.kind !== 'single') return;
        const { posts } = body.singleResult.data as typeof postsData;
        posts[0]!.author.name = `${posts[1]?.author.name} Hopper`;
        body.singleResult.extensions = { counted: posts.length };
      },
    });
    const { text } = await apollo.post({ query: postsQuery });
    expect(text).toBe(
      `${JSON.stringify({
        data: { posts: [{ title: 'First', author: { name: 'Grace Hopper' } }, postsData.posts[1]] },
        extensions: { counted: 2 },
      })}\n`,
    );
  });

  it('adds extensions without a look at the data', async () => {
    plugIn({
      willSendResponse: async ({ response: { body } }) => {
        if (body.kind === 'single') body.singleResult.extensions = { cost: 1 };
      },
    });
    const { text } = await apollo.post({ query: '{ me { name } }' });
    expect(text).toBe('{"data":{"me":{"name":"Ada"}},"extensions":{"cost":1}}\n');
  });

  it('puts another document in place of the one that came', async () => {
    const { parse } = await import('graphql');
    plugIn({
      didResolveOperation: async (requestContext) => {
        const document = parse('{ me { id } }');
        Object.assign(requestContext, { document, operation: document.definitions[0] });
      },
    });
    expect((await apollo.post({ query: '{ me { name } }' })).text).toBe('{"data":{"me":{"id":"u1"}}}\n');
    expect((await apollo.post({ query: '{ me { name } }' })).text).toBe('{"data":{"me":{"id":"u1"}}}\n');
  });

  it('answers in our place', async () => {
    plugIn({
      responseForOperation: async ({ response: { http } }) => ({
        http,
        body: { kind: 'single', singleResult: { data: { me: null } } },
      }),
    });
    expect((await apollo.post({ query: '{ me { name } }' })).text).toBe('{"data":{"me":null}}\n');
  });

  it('is told of errors', async () => {
    const told: unknown[] = [];
    plugIn({
      didEncounterErrors: async ({ errors }) => void told.push(...errors.map(({ message }) => message)),
    });
    await apollo.post({ query: '{ me { motto } }' });
    expect(told).toEqual(['No motto yet']);
  });
});

describe('the cache-control header', () => {
  it('keeps answers out of caches where nobody says for how long they hold', async () => {
    const { headers } = await apollo.post({ query: '{ me { name } }' });
    expect(headers.get('cache-control')).toBe('no-store');
  });

  const answerWith = (headers: Record<string, string>, body: object) =>
    supergraph
      .subgraph('users')
      .misbehave((response) =>
        response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body)),
      );

  it('is the shortest and the most private of what subgraphs say', async () => {
    answerWith({ 'cache-control': 'max-age=30, private' }, { data: { me: { name: 'Ada' } } });
    const said = await apollo.post({ query: '{ me { name } }' });
    expect(said.headers.get('cache-control')).toBe('max-age=30, private');
    answerWith({ 'cache-control': 'max-age=30' }, { data: { me: { email: 'a@example.org' } } });
    expect((await apollo.post({ query: '{ me { name } }' })).headers.get('cache-control')).toBe(
      'max-age=30, public',
    );
    // One of the two subgraphs says nothing.
    expect((await apollo.post({ query: postsQuery })).headers.get('cache-control')).toBe('no-store');
    const contextValue = { principal: { sub: 'u1', roles: [], scopes: [] } };
    const { headers } = await execute(apollo, '{ me { email } }', { contextValue });
    expect(headers.get('cache-control')).toBe('max-age=30, private');
  });

  it('keeps the answers of mutations out of caches', async () => {
    answerWith({ 'cache-control': 'max-age=30' }, { data: { rename: { id: '1' } } });
    const { headers } = await apollo.post({ query: 'mutation { rename(input: { id: "1" }) { id } }' });
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('is what plugins make of the policy', async () => {
    plugIn({
      willSendResponse: async ({ overallCachePolicy }) => overallCachePolicy.replace({ maxAge: 60 }),
    });
    const { headers } = await apollo.post({ query: '{ me { name } }' });
    expect(headers.get('cache-control')).toBe('max-age=60, public');
    const failed = await apollo.post({ query: '{ me { motto } }' });
    expect(failed.headers.get('cache-control')).toBe('no-store');
  });
});

describe('an error', () => {
  it('of a subgraph is what the subgraph said, at its place in the answer', async () => {
    const { status, data, errors } = await execute(
      apollo,
      '{ all: posts(first: 1) { by: author { name words: motto } } }',
    );
    expect(data).toEqual({ all: [{ by: { name: 'Ada', words: null } }] });
    expect(errors).toEqual([
      {
        message: 'No motto yet',
        path: ['all', 0, 'by', 'words'],
        extensions: { code: 'MOTTO_MISSING', hint: 'think', serviceName: 'users' },
      },
    ]);
    // Its 418 was about its own answer.
    expect(status).toBeUndefined();
  });

  it('stands at every place that a fetch has left empty', async () => {
    supergraph.subgraph('users').misbehave((response) => response.destroy());
    const { data, errors } = await execute(apollo, postsQuery);
    expect(data).toEqual({
      posts: postsData.posts.map(({ title }) => ({ title, author: { name: null } })),
    });
    expect(
      errors?.map(({ path, extensions }) => [path, extensions?.['code'], extensions?.['serviceName']]),
    ).toEqual([
      [['posts', 0, 'author', 'name'], 'SUBGRAPH_UNAVAILABLE', 'users'],
      [['posts', 1, 'author', 'name'], 'SUBGRAPH_UNAVAILABLE', 'users'],
    ]);
  });

  it('is formatted by Apollo Server', async () => {
    const formatError = vi.fn((formatted: object, error: unknown) => ({
      ...formatted,
      message: `Formatted: ${(error as Error).message}`,
    }));
    const other = await start({ server: { formatError } });
    const { status, text } = await other.post({ query: '{ me { name motto } }' });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      errors: [{ message: 'Formatted: No motto yet', path: ['me', 'motto'] }],
      data: { me: { name: 'Ada', motto: null } },
    });
    // What stands first in a log is what went wrong.
    expect(text).toMatch(/^\{"errors":/);
  });

  it.each<[string, object, string, string]>([
    ['syntax', { query: '{ me' }, 'GRAPHQL_PARSE_FAILED', 'Syntax Error: Expected Name, found <EOF>.'],
    [
      'validation',
      { query: '{ you }' },
      'GRAPHQL_VALIDATION_FAILED',
      'Cannot query field "you" on type "Query".',
    ],
    [
      'a variable that is missing',
      { query: 'mutation ($input: RenameInput!) { rename(input: $input) { id } }' },
      'BAD_USER_INPUT',
      'Variable "$input" of required type "RenameInput!" was not provided.',
    ],
    [
      'a variable of another type',
      { query: 'query ($first: Int) { posts(first: $first) { id } }', variables: { first: 'ten' } },
      'BAD_USER_INPUT',
      'Variable "$first" got invalid value "ten"; Int cannot represent non-integer value: "ten"',
    ],
    [
      'an operation that is not there',
      { query: 'query A { me { id } }', operationName: 'B' },
      'OPERATION_RESOLUTION_FAILURE',
      'Expected an operation named "B", but the document has "A"',
    ],
    [
      'two operations and no name',
      { query: 'query A { me { id } } query B { me { id } }' },
      'OPERATION_RESOLUTION_FAILURE',
      'Expected operationName to say which operation to run, but the document has "A", "B"',
    ],
  ])('of the client is a 400: %s', async (_what, request, code, message) => {
    const { status, text } = await apollo.post(request);
    const { data, errors } = JSON.parse(text) as {
      data?: unknown;
      errors: { message: string; extensions: { code: string } }[];
    };
    expect([status, data, errors.length]).toEqual([400, undefined, 1]);
    expect([errors[0]?.extensions.code, errors[0]?.message]).toEqual([code, message]);
  });

  it('of an operation that is more than can be planned is a 400', async () => {
    const documentLimits = {
      maxTokens: 9,
      maxDepth: 9,
      maxFields: 2,
      maxRootFields: 9,
      maxMutationFields: 9,
      maxOperations: 50,
      maxIntrospectionFields: 9,
    };
    const other = await start({ gateway: { documentLimits } });
    const { status, text } = await other.post({ query: '{ me { id name } }' });
    expect([status, JSON.parse(text)]).toEqual([
      400,
      {
        errors: [
          expect.objectContaining({
            message: 'Expected an operation with at most 2 fields (fragments written out), but got 3',
            extensions: expect.objectContaining({ code: 'OPERATION_TOO_COMPLEX', limit: 2, score: 3 }),
          }),
        ],
      },
    ]);
  });

  it('says that there is no answer in pieces', async () => {
    for (const query of ['{ ... @defer { me { id } } }', 'subscription { me { id } }']) {
      const { status, text } = await apollo.post({ query });
      expect(status).toBe(400);
      expect(text).toMatch(/@defer|subscription/);
    }
  });

  it('of a request that takes too long is a 504', async () => {
    supergraph.subgraph('users').misbehave(() => {});
    const other = await start({ gateway: { requestTimeoutMs: 50 } });
    const { status, text } = await other.post({ query: '{ me { name } }' });
    expect(status).toBe(504);
    expect(JSON.parse(text)).toMatchObject({
      errors: [
        {
          message: 'Expected the request to be answered within 50 ms, but it was not',
          extensions: { code: 'REQUEST_TIMEOUT' },
        },
      ],
    });
  });

  it('of our own is said without its inside', async () => {
    const identify = () => {
      throw new TypeError('postgres://user:secret@db');
    };
    const other = await start({ gateway: { identify } });
    const { status, text } = await other.post({ query: '{ me { name } }' });
    expect(status).toBe(500);
    expect(text).not.toContain('secret');
    expect(JSON.parse(text)).toMatchObject({
      errors: [{ message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
    });
  });
});

describe('who asks', () => {
  const ada = { principal: { sub: 'u1', roles: ['USER'], scopes: [] } };
  const lastHeaders = () => supergraph.subgraph('users').requests.at(-1)?.headers ?? {};

  it('may see what is for callers with a token', async () => {
    const { data, errors } = await execute(apollo, '{ me { email } }', { contextValue: ada });
    expect([data, errors]).toEqual([{ me: { email: 'ada@example.org' } }, undefined]);
  });

  it('may not see it without one', async () => {
    const { data, errors } = await execute(apollo, '{ me { name email } }');
    expect(data).toEqual({ me: { name: 'Ada', email: null } });
    expect(errors).toEqual([
      expect.objectContaining({
        path: ['me', 'email'],
        extensions: expect.objectContaining({ code: 'UNAUTHORIZED_FIELD_OR_TYPE' }),
      }),
    ]);
    expect(supergraph.subgraph('users').requests.at(-1)?.query).not.toContain('email');
  });

  it('is named to subgraphs with a signature, where there is a key', async () => {
    await execute(apollo, '{ me { name } }', { contextValue: ada });
    expect(decodeJwt(String(lastHeaders()['tributary-identity']))).toMatchObject({ sub: 'u1', aud: 'users' });
  });

  it('is named to subgraphs by the headers that go on', async () => {
    await apollo.post(
      { query: '{ me { name } }' },
      { authorization: 'Bearer a', 'x-request-id': 'request-42', 'x-other': '1' },
    );
    expect(lastHeaders()).toMatchObject({ authorization: 'Bearer a', 'x-request-id': 'request-42' });
    expect(lastHeaders()).not.toHaveProperty('x-other');
  });
});

describe('a new supergraph', () => {
  const takeUp = async (sdl: string) => {
    await writeFile(supergraph.file, sdl);
    await apollo.gateway.reload();
  };
  afterEach(() => takeUp(supergraph.sdl));

  const withNickname = () => {
    const { name, url, sdl } = supergraph.subgraph('users');
    const users = { name, url, sdl: sdl.replace('motto: String', 'nickname: String') };
    return expectSupergraph(composeSupergraph([users, supergraph.subgraph('posts')])).supergraphSdl;
  };

  const isUnknown = (field: string): unknown =>
    expect.stringContaining(`Cannot query field "${field}" on type "User".`);

  it('is told to Apollo Server and its plugins', async () => {
    const told: (string | undefined)[] = [];
    const listen: TestPlugin = {
      serverWillStart: async () => ({
        schemaDidLoadOrUpdate: ({ coreSupergraphSdl }) => told.push(coreSupergraphSdl),
      }),
    };
    const other = await start({ server: { plugins: [listen] } });
    expect(told).toEqual([supergraph.sdl]);
    expect((await execute(other, '{ me { nickname } }')).errors?.[0]?.message).toEqual(isUnknown('nickname'));
    await writeFile(supergraph.file, withNickname());
    await other.gateway.reload();
    expect(told).toEqual([supergraph.sdl, withNickname()]);
    expect((await execute(other, '{ me { motto } }')).errors?.[0]?.message).toEqual(isUnknown('motto'));
    // The subgraph itself does not know the field yet: that it is asked shows that the gateway does.
    expect((await execute(other, '{ me { nickname } }')).data).toEqual({ me: null });
  });

  it('is taken up when its file changes, unless it must not be', async () => {
    const watching = await start();
    const { promise, resolve } = Promise.withResolvers<string>();
    watching.gateway.onSchemaLoadOrUpdate(({ coreSupergraphSdl }) => {
      if (coreSupergraphSdl !== supergraph.sdl) resolve(coreSupergraphSdl);
    });
    await writeFile(supergraph.file, withNickname());
    expect(await promise).toBe(withNickname());
    expect((await execute(apollo, '{ me { nickname } }')).errors?.[0]?.message).toEqual(
      isUnknown('nickname'),
    );
  });

  it('lets an operation finish on the one that it began with', async () => {
    const arrived = holdAnswer(supergraph.subgraph('posts'), {
      posts: [{ author: { __typename: 'User', id: 'u1' } }],
    });
    const answer = execute(apollo, '{ posts { author { name } } }');
    const finish = await arrived;
    const { name, url } = supergraph.subgraph('posts');
    const alone = { name, url, sdl: 'type Query { now: String }' };
    await takeUp(expectSupergraph(composeSupergraph([alone])).supergraphSdl);
    expect((await execute(apollo, '{ me { name } }')).errors).toHaveLength(1);
    finish();
    expect((await answer).data).toEqual({ posts: [{ author: { name: 'Ada' } }] });
  });

  it('is what an operation must fit that was validated before it came', async () => {
    plugIn({ didResolveOperation: () => takeUp(withNickname()) });
    const { data, errors } = await execute(apollo, '{ me { motto } }');
    expect([data, errors?.[0]?.message]).toEqual([undefined, isUnknown('motto')]);
    await takeUp(supergraph.sdl);
    expect((await execute(apollo, '{ me { name } }')).data).toEqual({ me: { name: 'Ada' } });
  });

  it('changes nothing when it cannot be served', async () => {
    await takeUp('type Query {');
    expect((await execute(apollo, '{ me { name } }')).data).toEqual({ me: { name: 'Ada' } });
  });

  it('may be a text, and must be one that can be served', async () => {
    const other = await start({ gateway: { supergraph: supergraph.sdl } });
    expect((await execute(other, '{ me { name } }')).data).toEqual({ me: { name: 'Ada' } });
    await expect(start({ gateway: { supergraph: 'type Query { a: Int }' } })).rejects.toThrow(
      'The supergraph text cannot be served: expected a composed schema, but it has no enum join__Graph',
    );
    await expect(start({ gateway: { supergraph: '/no/such.graphql' } })).rejects.toThrow(
      'The supergraph "/no/such.graphql" cannot be served: expected a readable file, but got ENOENT',
    );
  });
});
