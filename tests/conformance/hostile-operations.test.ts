import { federation, startMemorySupergraph, type MemorySupergraph } from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startTestGateway, type TestGateway } from '../support/start-test-gateway.ts';

let supergraph: MemorySupergraph;
let gateway: TestGateway;

const entity = { __typename: 'A', id: '1' };
const typeDefs = (own: string) => `${federation('@key', '@shareable')} ${own}`;

beforeAll(async () => {
  // Each step between the two types is a step between the two subgraphs: what the planner finds hardest.
  supergraph = await startMemorySupergraph([
    {
      name: 'one',
      typeDefs: typeDefs(/* GraphQL */ `
        type Query {
          a: A
          echo(list: [[Int]], input: Nested): Int
        }
        type Mutation {
          one(text: String): A
        }
        input Nested {
          inner: Nested
        }
        type A @key(fields: "id") {
          id: ID!
          b: B
        }
        type B @key(fields: "id", resolvable: false) {
          id: ID!
        }
      `),
      resolvers: {
        Query: { a: () => entity, echo: () => 1 },
        Mutation: { one: () => entity },
        A: { __resolveReference: () => entity, b: () => ({ id: '1' }) },
      },
    },
    {
      name: 'two',
      typeDefs: typeDefs(/* GraphQL */ `
        type Mutation {
          two(text: String): B
        }
        type B @key(fields: "id") {
          id: ID!
          a: A
        }
        type A @key(fields: "id", resolvable: false) {
          id: ID!
        }
      `),
      resolvers: {
        Mutation: { two: () => ({ id: '1' }) },
        B: { __resolveReference: () => ({ id: '1' }), a: () => ({ id: '1' }) },
      },
    },
  ]);
  gateway = await startTestGateway(supergraph);
});
afterAll(async () => {
  await gateway?.stop();
  await supergraph?.stop();
});

const nested = (levels: number, value: unknown = null): unknown =>
  levels === 0 ? value : nested(levels - 1, { inner: value });
const mutations = (count: number) =>
  `mutation { ${Array.from({ length: count }, (_, i) => `m${i}: ${i % 2 ? 'one { b { a { id } } }' : 'two { a { b { id } } }'}`).join(' ')} }`;

describe('an operation that asks for too much', () => {
  it.each([
    ['selections that are nested', '{ a '.repeat(5000)],
    ['lists that are nested', `{ echo(list: ${'['.repeat(7000)}`],
    ['mutations', mutations(500)],
    ['equal fields', `{ a { ${'b { id } '.repeat(499)} } }`],
  ])('is refused by its code for too many %s', async (_title, query) => {
    const { status, body } = await gateway.query(query, {
      headers: { accept: 'application/graphql-response+json' },
    });
    expect({ status, code: body.errors?.[0]?.extensions['code'] }).toEqual({
      status: 400,
      code: 'OPERATION_TOO_COMPLEX',
    });
  });

  it('is refused for variables that are nested without end', async () => {
    const inner = `${'{"inner":'.repeat(20_000)}null${'}'.repeat(20_000)}`;
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"query":"query ($i: Nested) { echo(input: $i) }","variables":{"i":${inner}}}`,
    });
    expect(await response.json()).toMatchObject({
      errors: [
        {
          message: 'Expected variable "$i" to be nested at most 100 levels deep, but it is deeper',
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ],
    });
    const { body } = await gateway.query('query ($i: Nested) { echo(input: $i) }', {
      variables: { i: nested(99) },
    });
    expect(body).toEqual({ data: { echo: 1 } });
  });

  it('is no mistake of ours for the log', () => {
    expect(gateway.log.filter(({ level }) => level === 'fatal' || level === 'error')).toEqual([]);
  });

  it('does not keep the process from answering others, at the limits', async () => {
    const deep = `{ ${'a { b { '.repeat(24)} id ${'} }'.repeat(24)} }`;
    const wide = `mutation { ${Array.from({ length: 50 }, (_, i) => `m${i}: one { b { a { ${Array.from({ length: 17 }, (_i, j) => `f${j}: id`).join(' ')} } } }`).join(' ')} }`;
    for (const query of [deep, wide, mutations(50)]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, so that each is measured alone
      const waits = await Promise.all([gateway.query(query), waitForLife()]);
      if (process.env['SHOW']) console.log(waits[1]);
      expect(waits[0].status).toBe(200);
      expect(waits[1]).toBeLessThan(1000);
    }
  });
});

/** The longest of the answers to "are you alive?" while something else is on. */
async function waitForLife(): Promise<number> {
  let longest = 0;
  for (let round = 0; round < 20; round += 1) {
    const startedAt = performance.now();
    // oxlint-disable-next-line no-await-in-loop -- the next one is to wait for what the last one started
    await (await fetch(`${gateway.origin}/health/live`)).text();
    longest = Math.max(longest, performance.now() - startedAt);
  }
  return longest;
}
