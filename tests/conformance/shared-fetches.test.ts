import { federation, readMetric, startMemorySupergraph, type MemorySupergraph } from '@tributary/testkit';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { startTestGateway, startTokenIssuer, type TestGateway } from '../support/start-test-gateway.ts';

/** `news` is the same for everybody; what `whoami` says depends on who asks, and its schema says so. */
const startNews = (): Promise<MemorySupergraph> =>
  startMemorySupergraph([
    {
      name: 'news',
      typeDefs:
        federation('@composeDirective') +
        /* GraphQL */ `
          extend schema
            @link(url: "https://specs.tributary.dev/tributary/v1.0", import: ["@personal"])
            @composeDirective(name: "@personal")
          directive @personal on FIELD_DEFINITION | OBJECT
          type Query {
            news: String
            whoami: String @personal
          }
          type Mutation {
            publish: String
          }
        `,
    },
  ]);

let supergraph: MemorySupergraph;
let issuer: Awaited<ReturnType<typeof startTokenIssuer>>;
let gateway: TestGateway;

beforeAll(async () => {
  supergraph = await startNews();
  issuer = await startTokenIssuer();
  gateway = await startTestGateway(supergraph, {
    JWT_JWKS_URL: issuer.jwksUrl,
    FORWARDED_HEADERS: 'X-Tenant',
  });
});
afterAll(async () => {
  await gateway?.stop();
  await issuer?.stop();
  await supergraph?.stop();
});
afterEach(() => supergraph.subgraph('news').misbehave(undefined));

/** Requests that were sent, and fetches that needed none, since the last call. */
const counter = async () => {
  const read = async () => ({
    sent: await readMetric(gateway.origin, 'tributary_subgraph_requests_total', { subgraph: 'news' }),
    shared: await readMetric(gateway.origin, 'tributary_subgraph_fetches_shared_total', { subgraph: 'news' }),
  });
  const before = await read();
  return async () => {
    const now = await read();
    return { sent: now.sent - before.sent, shared: now.shared - before.shared };
  };
};

/** Holds what the subgraph would say, until it is let go. */
function holdAnswers() {
  const held: (() => void)[] = [];
  let edition = 0;
  let hungUp = 0;
  supergraph.subgraph('news').misbehave((response, { headers }) => {
    edition += 1;
    const identity = headers['tributary-identity'];
    const whoami = typeof identity === 'string' ? String(decodeJwt(identity)['roles']) : 'not told';
    const news = `edition ${edition} for ${String(headers['x-tenant'] ?? 'everybody')}`;
    const body = JSON.stringify({ data: { news, whoami, publish: 'done' } });
    response.once('close', () => (hungUp += response.writableFinished ? 0 : 1));
    held.push(() => response.setHeader('content-type', 'application/json').end(body));
  });
  return {
    /** Waits until so many requests have arrived. */
    arrive: (requests: number) => vi.waitFor(() => expect(held).toHaveLength(requests), 10_000),
    /** Requests that the gateway broke off. */
    hungUp: () => hungUp,
    /** Answers the request of that number, from 0. */
    letGo: (index: number) => held[index]?.(),
  };
}

/** Asks in the name of someone with that role. */
const askAs = async (role: string, query: string) => {
  const authorization = `Bearer ${await issuer.sign({ roles: [role] })}`;
  return gateway.query(query, { headers: { authorization } });
};

describe('clients that ask the same at the same time', () => {
  it('cost the subgraph one request, whoever they are', async () => {
    const held = holdAnswers();
    const counts = await counter();
    const asking = [
      ...Array.from({ length: 10 }, () => gateway.query('{ news }')),
      ...Array.from({ length: 10 }, (_, index) => askAs(`R${index}`, '{ news }')),
    ];
    await vi.waitFor(async () => expect((await counts()).shared).toBe(19), 10_000);
    held.letGo(0);
    const answers = await Promise.all(asking);
    expect(answers.map(({ body }) => body)).toEqual(
      answers.map(() => ({ data: { news: 'edition 1 for everybody' } })),
    );
    expect(await counts()).toEqual({ sent: 1, shared: 19 });
  });

  it('get each their own answer where it depends on who asks', async () => {
    const held = holdAnswers();
    const counts = await counter();
    const roles = ['ADMIN', 'USER', 'EDITOR'];
    const asking = [...roles, ...roles].map((role) => askAs(role, '{ whoami }'));
    await held.arrive(3);
    await vi.waitFor(async () => expect((await counts()).shared).toBe(3), 10_000);
    for (const index of roles.keys()) held.letGo(index);
    const answers = await Promise.all(asking);
    expect(answers.map(({ body }) => body.data?.['whoami'])).toEqual([...roles, ...roles]);
    expect(await counts()).toEqual({ sent: 3, shared: 3 });
  });

  it('get each their own answer where a forwarded header differs', async () => {
    const held = holdAnswers();
    const asking = ['a', 'b'].map((tenant) => gateway.query('{ news }', { headers: { 'X-Tenant': tenant } }));
    await held.arrive(2);
    for (const index of [0, 1]) held.letGo(index);
    const [a, b] = await Promise.all(asking);
    expect(a?.body.data?.['news']).toMatch(/for a$/);
    expect(b?.body.data?.['news']).toMatch(/for b$/);
  });
});

describe('a client that leaves', () => {
  it('ends the request only when nobody else waits for it', async () => {
    const held = holdAnswers();
    const leaving = [new AbortController(), new AbortController()];
    const counts = await counter();
    const asking = leaving.map(({ signal }) =>
      fetch(gateway.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ news }"}',
        signal,
      }),
    );
    await vi.waitFor(async () => expect((await counts()).shared).toBe(1), 10_000);
    leaving[0]?.abort();
    await expect(asking[0]).rejects.toThrow('aborted');
    await vi.waitFor(() => expect(gateway.log.filter(isLeft)).toHaveLength(1), 10_000);
    expect(held.hungUp()).toBe(0);
    leaving[1]?.abort();
    await expect(asking[1]).rejects.toThrow('aborted');
    await vi.waitFor(() => expect(held.hungUp()).toBe(1), 10_000);
  });

  const isLeft = (line: Readonly<Record<string, unknown>>) => line['status'] === 499;
});

describe('a client that reads after its mutation was answered', () => {
  it('is never told what another one had asked for before it', async () => {
    const held = holdAnswers();
    const early = gateway.query('{ news }');
    await held.arrive(1);
    const publishing = gateway.query('mutation { publish }');
    await held.arrive(2);
    held.letGo(1);
    expect((await publishing).body).toEqual({ data: { publish: 'done' } });
    const late = gateway.query('{ news }');
    await held.arrive(3);
    held.letGo(0);
    held.letGo(2);
    expect((await early).body.data).toEqual({ news: 'edition 1 for everybody' });
    expect((await late).body.data).toEqual({ news: 'edition 3 for everybody' });
  });
});

describe('headers of a client', () => {
  it('go on to the subgraph when they are listed, and no others', async () => {
    await gateway.query('{ news }', {
      headers: { 'X-Tenant': 'acme', 'X-Other': '1', cookie: 'a=1', 'x-request-id': 'request-12345' },
    });
    const { headers } = supergraph.subgraph('news').requests.at(-1) ?? { headers: {} };
    expect(Object.keys(headers).toSorted()).toEqual([
      'accept',
      'connection',
      'content-length',
      'content-type',
      'host',
      'x-request-id',
      'x-tenant',
    ]);
    expect(headers).toMatchObject({ 'x-tenant': 'acme', 'x-request-id': 'request-12345' });
  });
});
