import { once } from 'node:events';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { EmbeddedPostgres } from '@tributary/embedded-postgres';
import { loadResolverModules } from '@tributary/subgraph-kit';
import { createTestKeys, readMetric, signIdentity, startTestPostgres } from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { onlyError } from '../support/start-test-subgraph.ts';
import { notesSchema, startNotes, type Notes, type NotesOptions } from '../support/start-notes.ts';

let postgres: EmbeddedPostgres;
let notes: Notes;
let production: Notes;

const databaseUrl = () => postgres.url('notes');

beforeAll(async () => {
  postgres = await startTestPostgres(['notes', 'empty']);
  notes = await startNotes({ databaseUrl: databaseUrl() });
  production = await startNotes({ databaseUrl: databaseUrl(), env: { NODE_ENV: 'production' } });
  await notes.database.sql`insert into notes (id, text) values ('1', 'One')`;
});

afterAll(async () => {
  await notes?.stop();
  await production?.stop();
  await postgres?.stop();
});

/** Runs a test with a subgraph of its own. */
async function withNotes(options: Partial<NotesOptions>, test: (own: Notes) => Promise<void>): Promise<void> {
  const own = await startNotes({ databaseUrl: databaseUrl(), ...options });
  try {
    await test(own);
  } finally {
    await own.stop();
  }
}

const ada = { userId: 'ada' };

describe('a request', () => {
  it('gets a context that no other request has', async () => {
    const seen = notes.services.contexts.length;
    await Promise.all([notes.ask('{ note(id: "1") { text } }'), notes.ask('{ note(id: "1") { text } }')]);
    const [one, other] = notes.services.contexts.slice(seen);
    expect(one?.loaders.noteById).not.toBe(other?.loaders.noteById);
    expect(one?.requestId).not.toBe(other?.requestId);
    expect(one?.extensions).not.toBe(other?.extensions);
  });

  it('cannot change its context', async () => {
    const answer = await notes.ask('{ assign }', { as: ada });
    expect(answer.data).toEqual({ assign: null });
    expect(answer.errors?.[0]?.extensions?.['debug']).toMatchObject({
      message:
        'Expected resolvers to leave the context as it is, but one assigned "principal": use "extensions"',
    });
  });

  it('releases what it opened when it is over', async () => {
    await notes.ask('{ note(id: "1") { text } boom }', { headers: { 'x-request-id': 'released-1' } });
    expect(notes.services.trace).toContain('released released-1');
  });

  it('writes in one transaction, and sees what it wrote', async () => {
    const { data } = await notes.ask('mutation { addNote(id: "2", text: "Two") { text } }', { as: ada });
    expect(data).toEqual({ addNote: { text: 'Two' } });
    expect((await notes.ask('{ note(id: "2") { text } }')).data).toEqual({ note: { text: 'Two' } });
  });

  it('leaves nothing of a mutation that failed', async () => {
    const { data } = await notes.ask('mutation { addNoteAndFail(id: "3") { text } }', { as: ada });
    expect(data).toEqual({ addNoteAndFail: null });
    expect((await notes.ask('{ note(id: "3") { text } }')).data).toEqual({ note: null });
  });

  it('runs mutations one after the other', async () => {
    await notes.ask(
      'mutation { a: addNote(id: "m1", text: "") { id } b: addNote(id: "m2", text: "") { id } }',
      {
        as: ada,
      },
    );
    const order = notes.services.trace.filter((step) => / m\d$/.test(step));
    expect(order).toEqual(['begin m1', 'end m1', 'begin m2', 'end m2']);
  });

  it('runs fields that do not depend on each other at the same time', async () => {
    await withNotes({}, async (own) => {
      let waiting = 0;
      const both = Promise.withResolvers<string>();
      own.services.slow = () => {
        waiting += 1;
        if (waiting === 2) both.resolve('together');
        return both.promise;
      };
      expect((await own.ask('{ a: slow b: slow }')).data).toEqual({ a: 'together', b: 'together' });
    });
  });

  it('takes what looks like SQL for text', async () => {
    const id = "1' or '1' = '1'; drop table notes; --";
    const variables = { id };
    const { data } = await notes.ask('query ($id: ID!) { note(id: $id) { text } }', { variables });
    expect(data).toEqual({ note: null });
    expect((await notes.ask('{ note(id: "1") { text } }')).data).toEqual({ note: { text: 'One' } });
  });

  it('may ask in development for the SQL and the loaders that it took', async () => {
    const { extensions } = await notes.ask('{ a: note(id: "1") { text } b: note(id: "9") { text } }', {
      headers: { 'tributary-debug': '1' },
    });
    expect(extensions?.['debug']).toEqual({
      statements: ['select id, text from notes where id = any($)'],
      loaders: [expect.objectContaining({ name: 'noteById', batches: 1, largestBatch: 2 })],
      durationMs: expect.any(Number) as number,
    });
  });

  it('gets none of that in production', async () => {
    const { extensions } = await production.ask('{ note(id: "1") { text } }', {
      headers: { 'tributary-debug': '1' },
    });
    expect(extensions).toBeUndefined();
  });
});

describe('a database', () => {
  it.each<readonly [type: string, list: unknown[], same?: unknown[]]>([
    ['text', ['a', '', 'x"y\\z', '{,}', null]],
    ['int4', [1, -2, null]],
    ['int8', ['9007199254740993']],
    ['float8', [0.1]],
    ['uuid', ['00000000-0000-4000-8000-000000000001']],
    ['timestamptz', ['1970-01-01T00:00:00.000Z'], [new Date(0)]],
    ['jsonb', [{ a: '"' }, null]],
    ['text', []],
  ])('takes and gives a list of %s', async (type, list, same = list) => {
    const { sql } = notes.database;
    const listType = sql.unsafe(`${String(type)}[]`);
    const [row] = await sql`select ${list as string[]}::${listType} as list`;
    expect(row?.['list']).toEqual(same);
  });

  it('takes a list whose type is only known from its items', async () => {
    const { sql } = notes.database;
    const [row] =
      await sql`select ${sql.array([true, false])} as flags, ${sql.array([new Date(0)])} as times`;
    expect(row).toEqual({ flags: [true, false], times: [new Date(0)] });
  });
});

describe('the caller', () => {
  it('is who the gateway says, or nobody', async () => {
    expect((await notes.ask('{ me }', { as: ada })).data).toEqual({ me: 'ada' });
    expect((await notes.ask('{ me }', { as: {} })).data).toEqual({ me: null });
  });

  it('is never another one, however many ask at the same time', async () => {
    const ids = Array.from({ length: 200 }, (_, index) => `user-${index}`);
    const answers = await Promise.all(
      ids.map((userId) => notes.ask('{ me note(id: "1") { text } again: me }', { as: { userId } })),
    );
    expect(answers.map(({ data }) => data)).toEqual(
      ids.map((userId) => ({ me: userId, note: { text: 'One' }, again: userId })),
    );
  });

  it('cannot be read in a request that carries no identity', async () => {
    const answer = await notes.ask('{ me note(id: "1") { text } }');
    expect(answer.data).toEqual({ me: null, note: { text: 'One' } });
    expect(onlyError(answer)).toMatchObject({ count: 1, code: 'INTERNAL_SERVER_ERROR' });
  });

  it('is asked to sign in where that is needed', async () => {
    expect(onlyError(await notes.ask('{ secret }', { as: {} }))).toEqual({
      count: 1,
      code: 'UNAUTHENTICATED',
      message: 'Sign in to do this',
    });
    expect((await notes.ask('{ secret }', { as: ada })).data).toEqual({ secret: 'sesame' });
  });

  it.each([
    ['that somebody else signed', () => signIdentity(createTestKeys(), 'notes', ada)],
    ['that nobody signed', () => 'ada'],
    ['that is empty', () => ''],
  ])(
    'with an identity %s is refused as a whole',
    async (_which, makeToken: () => string | Promise<string>) => {
      const answer = await notes.ask('{ note(id: "1") { text } }', {
        headers: { 'tributary-identity': await makeToken() },
      });
      expect(answer.status).toBe(401);
      expect(answer.data).toBeUndefined();
      expect(onlyError(answer)).toEqual({
        count: 1,
        code: 'UNAUTHENTICATED',
        message: 'The identity of the caller is not one that the gateway signed',
      });
    },
  );

  it('may be found out in another way', async () => {
    const identify = async (token: string) => ({ userId: token, roles: [], scopes: [] });
    await withNotes({ definition: { identify } }, async ({ ask }) => {
      const { data } = await ask('{ me }', { headers: { 'tributary-identity': 'grace' } });
      expect(data).toEqual({ me: 'grace' });
    });
  });
});

describe('an error', () => {
  it('that nobody foresaw is masked in production, whatever it was', async () => {
    const answer = await production.ask('{ boom wrongStatement }');
    expect(answer.data).toEqual({ boom: null, wrongStatement: null });
    expect(answer.errors).toEqual(
      ['boom', 'wrongStatement'].map((field) => ({
        message: 'Internal server error',
        path: [field],
        locations: [expect.any(Object)],
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      })),
    );
    expect(JSON.stringify(answer)).not.toMatch(/db01|secret_table|stack/);
  });

  it('that nobody foresaw is logged once, whole, under the id of its request', async () => {
    await production.ask('{ boom }', { headers: { 'x-request-id': 'request-boom' } });
    const lines = production.lines.filter(({ requestId }) => requestId === 'request-boom');
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'fatal',
        code: 'INTERNAL_SERVER_ERROR',
        path: ['boom'],
        err: expect.objectContaining({
          message: 'boom at db01.internal',
          stack: expect.stringContaining('start-notes.ts') as string,
        }) as object,
      }),
      expect.objectContaining({ level: 'info', msg: 'request', status: 200, statements: 0 }),
    ]);
  });

  it('of the caller is shown, and logged quietly without a stack', async () => {
    const headers = { 'x-request-id': 'request-quiet' };
    const answer = await production.ask('{ wrongInput secret }', { as: {}, headers });
    expect(answer.errors?.map(({ extensions }) => extensions)).toEqual([
      {
        code: 'BAD_USER_INPUT',
        fields: [{ path: ['text'], code: 'INVALID_INPUT', message: 'must not be empty' }],
      },
      { code: 'UNAUTHENTICATED', requiresAuth: true },
    ]);
    const lines = production.lines.filter(
      ({ requestId, event }) => requestId === 'request-quiet' && event === 'graphql_error',
    );
    expect(lines.map(({ level, code, reason }) => [level, code, reason])).toEqual([
      ['info', 'BAD_USER_INPUT', undefined],
      ['warn', 'UNAUTHENTICATED', 'Sign in to do this'],
    ]);
    expect(JSON.stringify(lines)).not.toContain('stack');
  });

  it.each([
    ['a variable', 'query ($id: ID!) { note(id: $id) { text } }', { id: { password: 'canary-1' } }],
    ['a literal', '{ note(id: ["canary-2"]) { text } }', {}],
    ['a document that does not parse', '{ note(id: "1" "canary-3") { text } }', {}],
    ['an unknown field', '{ note(id: "1") { canary_4 } }', {}],
  ])('of the caller leaves nothing in the log that was sent in %s', async (_what, query, variables) => {
    const { errors } = await production.ask(query, { variables });
    expect(JSON.stringify(errors)).toContain('canary');
    const health = await (await fetch(`${production.url}/health/ready`)).text();
    expect(JSON.stringify(production.lines) + health).not.toContain('canary');
  });

  it('of many keys of one batch is logged once and counted for each', async () => {
    const fields = Array.from({ length: 20 }, (_, index) => `f${index}: note(id: "${index}") { text }`);
    const before = await readMetric(notes.url, 'tributary_errors_total', { code: 'INTERNAL_SERVER_ERROR' });
    await notes.database.sql`alter table notes rename to hidden`;
    try {
      await notes.ask(`{ ${fields.join(' ')} }`, { headers: { 'x-request-id': 'request-batch' } });
    } finally {
      await notes.database.sql`alter table hidden rename to notes`;
    }
    const lines = notes.lines.filter(
      ({ requestId, event }) => requestId === 'request-batch' && event === 'graphql_error',
    );
    expect(lines).toMatchObject([{ level: 'fatal', fields: 20 }]);
    const after = await readMetric(notes.url, 'tributary_errors_total', { code: 'INTERNAL_SERVER_ERROR' });
    expect(after - before).toBe(20);
  });

  it('of a document says what was expected', async () => {
    expect(onlyError(await notes.ask('{ note(id: "1") { txt } }'))).toMatchObject({
      code: 'GRAPHQL_VALIDATION_FAILED',
      message: 'Cannot query field "txt" on type "Note". Did you mean "text"?',
    });
    expect(onlyError(await notes.ask('{ note('))).toMatchObject({ code: 'GRAPHQL_PARSE_FAILED' });
    const variables = { id: { not: 'an id' } };
    expect(
      onlyError(await notes.ask('query ($id: ID!) { note(id: $id) { text } }', { variables })),
    ).toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('ID cannot represent value') as string,
    });
  });
});

describe('a request that is given up', () => {
  const post = (url: string, query: string, signal: AbortSignal) =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
      signal,
    });
  const errorsOf = ({ lines }: Notes) => lines.filter(({ event }) => event === 'graphql_error');

  it('by its caller starts nothing any more, and is one quiet line', async () => {
    await withNotes({}, async (own) => {
      const caller = new AbortController();
      const isAt = { begin: Promise.withResolvers<void>(), end: Promise.withResolvers<void>() };
      const { trace } = own.services;
      trace.push = (step) => {
        if (step === 'begin gone-1') isAt.begin.resolve();
        if (step === 'end gone-1') isAt.end.resolve();
        return Array.prototype.push.call(trace, step);
      };
      const fields = ['gone-1', 'gone-2'].map(
        (id, index) => `f${index}: addNote(id: "${id}", text: "") { id }`,
      );
      await notes.database.transaction(async (sql) => {
        await sql`lock table notes`;
        const answer = post(own.url, `mutation { ${fields.join(' ')} }`, caller.signal);
        await isAt.begin.promise;
        caller.abort();
        await expect(answer).rejects.toThrow('aborted');
        await own.line('operation failed');
      });
      // The resolver that ran goes on to its own end; its loader refuses, so there may be none.
      await own.ask('{ note(id: "1") { text } }');
      expect(trace).toContain('begin gone-1');
      expect(trace).not.toContain('begin gone-2');
      expect(errorsOf(own)).toMatchObject([{ level: 'info', code: 'BAD_REQUEST' }]);
      expect(await readMetric(own.url, 'tributary_errors_total', { code: 'BAD_REQUEST' })).toBe(1);
    });
  });

  it('by its deadline says so', async () => {
    await withNotes({ env: { REQUEST_TIMEOUT_MS: '50' } }, async (own) => {
      own.services.slow = () => new Promise(() => {});
      expect(onlyError(await own.ask('{ a: slow b: slow }'))).toMatchObject({
        code: 'REQUEST_TIMEOUT',
        message: 'The request was given up after 50 ms',
      });
      expect(errorsOf(own)).toMatchObject([{ level: 'error', code: 'REQUEST_TIMEOUT' }]);
    });
  });

  it('because it loads too much asks the database for nothing', async () => {
    await withNotes({ env: { MAX_LOADED_KEYS: '3' } }, async (own) => {
      const fields = (count: number) =>
        Array.from({ length: count }, (_, index) => `f${index}: note(id: "1") { text }`).join(' ');
      expect((await own.ask(`{ ${fields(3)} }`)).errors).toBeUndefined();
      const before = await readMetric(own.url, 'tributary_sql_statements_total');
      expect(onlyError(await own.ask(`{ ${fields(4)} }`))).toMatchObject({
        code: 'OPERATION_TOO_COMPLEX',
        message: 'Expected an operation that loads at most 3 entities, but it asked for more',
      });
      expect(await readMetric(own.url, 'tributary_sql_statements_total')).toBe(before);
      expect(errorsOf(own)).toHaveLength(1);
    });
  });
});

describe('over HTTP', () => {
  const post = (body: BodyInit, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    fetch(`${notes.url}/graphql`, { method: 'POST', headers, body });
  const errorOf = async (response: Response) => {
    const { errors } = (await response.json()) as { errors: { message: string; extensions: object }[] };
    return { status: response.status, ...errors[0] };
  };

  it('an unknown path is 404 and says which there are', async () => {
    expect(await errorOf(await fetch(`${notes.url}/admin`))).toMatchObject({
      status: 404,
      message: 'Expected /graphql, /health/live, /health/ready or /metrics',
    });
  });

  it('a wrong method is 405 and says which are right', async () => {
    const response = await fetch(`${notes.url}/graphql`, { method: 'DELETE' });
    expect(response.headers.get('allow')).toBe('POST, GET');
    expect(await errorOf(response)).toMatchObject({
      status: 405,
      message: 'Expected POST or GET, but got DELETE',
    });
  });

  it('a body that is no JSON is 400', async () => {
    expect(await errorOf(await post('{'))).toEqual({
      status: 400,
      message: 'Expected a JSON body',
      extensions: { code: 'BAD_REQUEST' },
    });
  });

  it('JSON that is no operation is 400', async () => {
    expect(await errorOf(await post('{}'))).toMatchObject({
      status: 400,
      extensions: { code: 'BAD_REQUEST' },
    });
  });

  it('a body of another kind is 415', async () => {
    expect(await errorOf(await post('{ me }', { 'content-type': 'text/plain' }))).toEqual({
      status: 415,
      message: 'Expected the content type "application/json", but got "text/plain"',
      extensions: { code: 'BAD_REQUEST' },
    });
  });

  it('a content type may say its character set', async () => {
    const headers = { 'content-type': 'Application/JSON; charset=utf-8' };
    expect((await post('{"query":"{ __typename }"}', headers)).status).toBe(200);
  });

  it('a body that is too large is 413, which the client can read', async () => {
    await withNotes({ env: { MAX_BODY_BYTES: '1024' } }, async ({ ask, lines, url }) => {
      const answer = await ask(`{ note(id: "${'x'.repeat(1_000_000)}") { text } }`);
      expect(answer.status).toBe(413);
      expect(onlyError(answer)).toEqual({
        count: 1,
        code: 'REQUEST_TOO_LARGE',
        message: 'Expected a body of at most 1024 bytes, but got more',
      });
      expect(lines.filter(({ code }) => code === 'REQUEST_TOO_LARGE')).toMatchObject([{ level: 'info' }]);
      expect(await readMetric(url, 'tributary_errors_total', { code: 'REQUEST_TOO_LARGE' })).toBe(1);
    });
  });

  it('a connection is kept for longer than the gateway keeps an idle one', async () => {
    const response = await fetch(`${notes.url}/health/live`);
    expect(response.headers.get('keep-alive')).toBe('timeout=75');
  });

  it('a client that leaves in the middle of its body is no mistake of ours', async () => {
    await withNotes({}, async ({ url, line }) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      const head =
        'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{';
      socket.write(head, () => socket.destroy());
      expect(await line('operation failed')).toMatchObject({ level: 'info', code: 'BAD_REQUEST' });
    });
  });

  it('a request id comes into every line, made up when the client brings none that is sane', async () => {
    await notes.ask('{ note(id: "1") { text } }', { headers: { 'x-request-id': 'from-the-client' } });
    await notes.ask('{ note(id: "1") { text } }', { headers: { 'x-request-id': 'two words' } });
    const ids = notes.lines
      .filter(({ event }) => event === 'graphql_request')
      .map(({ requestId }) => requestId);
    expect(ids).toContain('from-the-client');
    expect(ids.at(-1)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('also into those of what is refused', async () => {
    await notes.ask('{ me }', {
      headers: { 'tributary-identity': 'ada', 'x-request-id': 'request-refused' },
    });
    expect(notes.lines.find(({ requestId }) => requestId === 'request-refused')).toMatchObject({
      level: 'warn',
      code: 'UNAUTHENTICATED',
    });
  });

  it('the schema is open in development and closed in production', async () => {
    const source = '{ __schema { queryType { name } } }';
    expect((await notes.ask(source)).data).toEqual({ __schema: { queryType: { name: 'Query' } } });
    expect(onlyError(await production.ask(source))).toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' });
  });
});

describe('health', () => {
  const health = async (url: string, path: string) => {
    const response = await fetch(`${url}/health/${path}`);
    return { status: response.status, body: (await response.json()) as object };
  };

  it('is ready with its database, and tells what went wrong lately', async () => {
    await notes.ask('{ boom }');
    expect(await health(notes.url, 'live')).toEqual({ status: 200, body: { status: 'live' } });
    expect(await health(notes.url, 'ready')).toMatchObject({
      status: 200,
      body: {
        status: 'ready',
        database: 'up',
        errors: { counts: { 'INTERNAL_SERVER_ERROR:boom': expect.any(Number) } },
      },
    });
  });

  it('lives without its database, and is not ready', async () => {
    await withNotes({ databaseUrl: postgres.url('empty') }, async ({ url }) => {
      await postgres.dropDatabase('empty');
      expect((await health(url, 'live')).status).toBe(200);
      expect(await health(url, 'ready')).toMatchObject({
        status: 503,
        body: { status: 'unavailable', database: expect.stringMatching(/^down \(\w+\)$/) },
      });
      await postgres.createDatabase('empty');
      expect((await health(url, 'ready')).status).toBe(200);
    });
  });
});

describe('metrics', () => {
  it('count statements, batches, cache hits, requests and errors', async () => {
    await withNotes({}, async ({ url, ask }) => {
      const read = (name: string, labels: Record<string, string> = {}) =>
        readMetric(url, name, { subgraph: 'notes', ...labels });
      const atStart = await read('tributary_sql_statements_total');
      await ask('{ a: note(id: "1") { text } b: note(id: "1") { text } c: note(id: "9") { text } boom }');
      await ask('{ note(id: "1") { text } }');
      const loader = 'noteById';
      expect({
        statements: (await read('tributary_sql_statements_total')) - atStart,
        batches: await read('tributary_loader_batches_total', { loader }),
        keys: await read('tributary_loader_batch_size_sum', { loader }),
        hits: await read('tributary_loader_cache_hits_total', { loader }),
        misses: await read('tributary_loader_cache_misses_total', { loader }),
        requests: await read('tributary_request_duration_seconds_count'),
        errors: await read('tributary_errors_total', { code: 'INTERNAL_SERVER_ERROR' }),
      }).toEqual({ statements: 2, batches: 2, keys: 3, hits: 1, misses: 3, requests: 2, errors: 1 });
    });
  });

  it('come as Prometheus text', async () => {
    const response = await fetch(`${notes.url}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toContain('nodejs_eventloop_lag_p99_seconds');
  });
});

describe('a stop', () => {
  it('lets a running request end and takes no new one; a second stop waits for the first', async () => {
    const own = await startNotes({ databaseUrl: databaseUrl() });
    const started = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<string>();
    own.services.slow = () => {
      started.resolve();
      return answered.promise;
    };
    const running = own.ask('{ slow note(id: "1") { text } }');
    await started.promise;
    let isStopped = false;
    const stops = [own.stop(), own.stop()].map((stop) => stop.then(() => (isStopped = true)));
    await expect(own.ask('{ note(id: "1") { text } }')).rejects.toThrow('fetch failed');
    expect(isStopped).toBe(false);
    answered.resolve('done');
    expect((await running).data).toEqual({ slow: 'done', note: { text: 'One' } });
    await Promise.all(stops);
    expect(own.lines.filter(({ msg }) => msg === 'stopped')).toHaveLength(1);
  });

  it('does not wait for connections that are only kept alive', async () => {
    const own = await startNotes({ databaseUrl: databaseUrl() });
    const socket = connect(Number(new URL(own.url).port), '127.0.0.1');
    const closed = once(socket, 'close');
    socket.write('GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(socket, 'data');
    await own.stop();
    await expect(closed).resolves.toEqual([false]);
  });

  it('cuts what does not end in time', async () => {
    const own = await startNotes({ databaseUrl: databaseUrl(), env: { DRAIN_TIMEOUT_MS: '50' } });
    const started = Promise.withResolvers<void>();
    own.services.slow = () => {
      started.resolve();
      return new Promise(() => {});
    };
    const running = own.ask('{ slow }');
    await started.promise;
    await Promise.all([expect(running).rejects.toThrow('fetch failed'), own.stop()]);
  });

  it('closes what services hold open', async () => {
    let isClosed = false;
    const onStop = async () => void (isClosed = true);
    await withNotes({ definition: { onStop } }, async () => {});
    expect(isClosed).toBe(true);
  });
});

describe('a start', () => {
  it('names every problem of the schema', async () => {
    const resolvers = { Query: { note: () => null } };
    await expect(startNotes({ databaseUrl: databaseUrl(), definition: { resolvers } })).rejects.toMatchObject(
      {
        code: 'SCHEMA_INVALID',
        extensions: {
          problems: expect.arrayContaining(['Expected a resolver for Query.me, but got none']) as string[],
        },
      },
    );
  });

  it('says that there is no database', async () => {
    await expect(startNotes({ databaseUrl: 'postgres://127.0.0.1:1/notes' })).rejects.toMatchObject({
      code: 'DATABASE_ERROR',
      message: expect.stringContaining('The database of notes could not be prepared: ') as string,
    });
  });

  it('says that a key is none', async () => {
    const start = startNotes({ databaseUrl: databaseUrl(), env: { IDENTITY_PUBLIC_KEY: 'x' } });
    await expect(start).rejects.toThrow('IDENTITY_PUBLIC_KEY must be an Ed25519 public key in SPKI PEM');
  });

  it('says that a port is taken', async () => {
    const PORT = new URL(notes.url).port;
    await expect(startNotes({ databaseUrl: databaseUrl(), env: { PORT } })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  it('waits longer for a migration than for a statement', async () => {
    await withNotes(
      { databaseUrl: postgres.url('empty'), env: { STATEMENT_TIMEOUT_MS: '100' } },
      async (own) => {
        await writeFile(join(own.folder, '002-slow.sql'), 'select pg_sleep(0.3)');
        await withNotes(
          {
            databaseUrl: postgres.url('empty'),
            env: { STATEMENT_TIMEOUT_MS: '100' },
            definition: { migrations: pathToFileURL(`${own.folder}/`) },
          },
          async ({ line }) => {
            expect(await line('database migrated')).toMatchObject({ migrations: ['002-slow.sql'] });
          },
        );
      },
    );
  });
});

describe('a schema', () => {
  const extended = notesSchema.replace('note(id: ID!): Note', 'note(id: ID!): Note\n  me2: String');

  it('is taken up anew when its file changes, without a restart', async () => {
    await withNotes({}, async ({ folder, ask, line }) => {
      expect((await ask('{ __type(name: "Extra") { name } }')).data).toEqual({ __type: null });
      await writeFile(join(folder, 'schema.graphql'), `${notesSchema}\ntype Extra { id: ID }`);
      await line('schema reloaded');
      expect((await ask('{ __type(name: "Extra") { name } }')).data).toEqual({ __type: { name: 'Extra' } });
    });
  });

  it('is taken up from an editor that replaces files', async () => {
    await withNotes({}, async ({ folder, ask, line }) => {
      await writeFile(join(folder, 'schema.tmp'), `${notesSchema}\ntype Extra { id: ID }`);
      await rename(join(folder, 'schema.tmp'), join(folder, 'schema.graphql'));
      await line('schema reloaded');
      expect((await ask('{ __type(name: "Extra") { name } }')).data).toEqual({ __type: { name: 'Extra' } });
    });
  });

  it('that cannot be served leaves the one before in place, and says why', async () => {
    await withNotes({}, async ({ folder, ask, line }) => {
      await writeFile(join(folder, 'schema.graphql'), extended);
      expect(await line('schema not reloaded: the one before stays')).toMatchObject({
        level: 'error',
        reason: expect.stringContaining('Expected a resolver for Query.me2, but got none') as string,
      });
      expect((await ask('{ note(id: "1") { text } }')).data).toEqual({ note: { text: 'One' } });
    });
  });

  it('may be a folder of files, which is watched as well', async () => {
    await withNotes({}, async ({ folder }) => {
      const schema = join(folder, 'schema');
      await mkdir(join(schema, 'types'), { recursive: true });
      await writeFile(join(schema, 'schema.graphql'), notesSchema.replace(/type Note .*/, ''));
      await writeFile(
        join(schema, 'types', 'note.graphql'),
        'type Note @key(fields: "id") { id: ID! text: String! }',
      );
      await withNotes({ definition: { schemaFile: pathToFileURL(schema) } }, async ({ ask, line }) => {
        expect((await ask('{ note(id: "1") { text } }')).data).toEqual({ note: { text: 'One' } });
        expect(JSON.stringify((await ask('{ _service { sdl } }')).data)).toContain('type Note');
        await writeFile(join(schema, 'types', 'extra.graphql'), 'type Extra { id: ID }');
        await line('schema reloaded');
        expect((await ask('{ __type(name: "Extra") { name } }')).data).toEqual({ __type: { name: 'Extra' } });
      });
    });
  });

  it('may have its resolvers in modules, found by their names', async () => {
    await withNotes({}, async ({ folder }) => {
      const modules = join(folder, 'modules');
      await mkdir(join(modules, 'posts'), { recursive: true });
      await writeFile(join(modules, 'b.resolvers.js'), 'export const resolvers = { Query: { b: () => 1 } };');
      await writeFile(
        join(modules, 'posts', 'a.resolvers.js'),
        'export const resolvers = { Query: { a: () => 1 } };',
      );
      await writeFile(join(modules, 'helper.js'), 'throw new Error("not a resolver module");');
      const found = await loadResolverModules(pathToFileURL(modules));
      expect(found.map((module) => Object.keys((module as { Query: object }).Query))).toEqual([['b'], ['a']]);
      await writeFile(join(modules, 'c.resolvers.js'), 'export const nothing = 1;');
      await expect(loadResolverModules(pathToFileURL(modules))).rejects.toThrow(
        `Expected ${join(modules, 'c.resolvers.js')} to export "resolvers", but it does not`,
      );
    });
  });
});
