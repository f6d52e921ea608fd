import { federation, startMemorySupergraph, type MemorySupergraph } from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  goodEntities,
  goodProfile,
  maxResponseBytes,
  secret,
  type HostileAnswer,
} from '../support/hostile-answers/hostile-answer.ts';
import { hostileAnswers } from '../support/hostile-answers/index.ts';
import { httpAnswer, startRawSubgraph, type RawSubgraph } from '../support/start-raw-subgraph.ts';
import { startTestGateway, type GatewayAnswer, type TestGateway } from '../support/start-test-gateway.ts';

const startShop = (): Promise<MemorySupergraph> =>
  startMemorySupergraph([
    {
      name: 'healthy',
      typeDefs:
        federation('@key') +
        /* GraphQL */ `
          type Query {
            greeting: String!
            products: [Product!]
            users: [User!]
          }
          type Product @key(fields: "id") {
            id: ID!
          }
          type User @key(fields: "id") {
            id: ID!
          }
        `,
      resolvers: {
        Query: {
          greeting: () => 'hello',
          products: () => [{ id: 'p1' }, { id: 'p2' }],
          users: () => [{ id: 'u1' }, { id: 'u2' }],
        },
      },
    },
    {
      name: 'hostile',
      typeDefs:
        federation('@key') +
        /* GraphQL */ `
          scalar JSON
          type Query {
            profile: Profile
          }
          type Profile {
            name: String
            age: Int
            score: Float
            isAdmin: Boolean
            role: Role
            tags: [String!]
            home: Home
            friends: [Friend]
            pet: Pet
            extra: JSON
          }
          enum Role {
            ADMIN
            USER
          }
          type Home {
            city: String!
          }
          type Friend {
            name: String
          }
          union Pet = Cat | Dog
          type Cat {
            lives: Int
          }
          type Dog {
            tricks: Int
          }
          type Product @key(fields: "id") {
            id: ID!
            price: Int
            maker: Maker
          }
          type Maker {
            name: String
          }
          type User @key(fields: "id") {
            id: ID!
            karma: Int
          }
        `,
    },
  ]);

const queries = {
  profile: /* GraphQL */ `
    {
      greeting
      profile {
        name
        age
        score
        isAdmin
        role
        tags
        home {
          city
        }
        friends {
          name
        }
        pet {
          __typename
          ... on Cat {
            lives
          }
          ... on Dog {
            tricks
          }
        }
        extra
      }
    }
  `,
  products: '{ greeting products { id price maker { name } } }',
  pair: '{ greeting products { id price } users { id karma } }',
};

const sortedErrors = ({ errors = [] }: GatewayAnswer['body']) =>
  errors.map(({ path, extensions }) => [path, extensions['code']]).toSorted(byText);
const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

describe.each(['tributary', 'apollo'])('with the engine %s, a subgraph that sends', (engine) => {
  let supergraph: MemorySupergraph;
  let hostile: RawSubgraph;
  let gateway: TestGateway;
  // For what never ends. Everybody else may take their time on a busy machine.
  let impatient: TestGateway;

  beforeAll(async () => {
    supergraph = await startShop();
    hostile = await startRawSubgraph();
    const settings = {
      ENGINE: engine,
      NODE_ENV: 'production',
      SUBGRAPH_URLS: `hostile=${hostile.url}`,
      MAX_SUBGRAPH_RESPONSE_BYTES: String(maxResponseBytes),
    };
    gateway = await startTestGateway(supergraph, settings);
    impatient = await startTestGateway(supergraph, { ...settings, FETCH_TIMEOUT_MS: '600' });
  });
  afterAll(async () => {
    await impatient?.stop();
    await gateway?.stop();
    await hostile?.stop();
    await supergraph?.stop();
  });

  const expectHealth = async () => {
    hostile.answer((socket) => socket.write(httpAnswer(JSON.stringify({ data: { profile: goodProfile } }))));
    const { body } = await gateway.query(queries.profile);
    expect(body).toEqual({ data: { greeting: 'hello', profile: goodProfile } });
    hostile.answer((socket) =>
      socket.write(httpAnswer(JSON.stringify({ data: { _entities: goodEntities } }))),
    );
    const entities = await gateway.query(queries.products);
    expect(entities.body.errors).toBeUndefined();
  };

  const rows = hostileAnswers.filter(({ stock }) => engine === 'tributary' || stock === undefined);

  it.each(rows.map((row) => [row.what, row] as const))('%s', async (_what, row: HostileAnswer) => {
    const requestsBefore = hostile.requestCount();
    hostile.answer(row.sends);
    const neverEnds = row.errors.some(([, code]) => code === 'SUBGRAPH_TIMEOUT');
    const { status, body } = await (neverEnds ? impatient : gateway).query(queries[row.asks]);
    expect(status).toBe(200);
    const given = row.asks === 'pair' ? (row.gives as object) : { [row.asks]: row.gives };
    expect(body.data).toEqual({ greeting: 'hello', ...given });
    expect(sortedErrors(body)).toEqual(row.errors.toSorted(byText));
    expect(hostile.requestCount()).toBe(requestsBefore + (row.requests ?? 1));
    // A client must not learn what the subgraph said, nor that there is one.
    const text = JSON.stringify(body);
    for (const inner of [secret, 'hostile', 'ubgraph "', '127.0.0.1']) expect(text).not.toContain(inner);
    // Whatever it did to the connection, the next answer is read as it should be.
    await expectHealth();
  });
});

it('has at least 40 answers, no two of one name', () => {
  expect(new Set(hostileAnswers.map(({ what }) => what)).size).toBe(hostileAnswers.length);
  expect(hostileAnswers.length).toBeGreaterThanOrEqual(40);
});
