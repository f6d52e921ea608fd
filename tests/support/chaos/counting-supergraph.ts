import { federation, startMemorySupergraph, type MemorySupergraph } from '@tributary/testkit';
import type postgres from 'postgres';

import { ownDirectives } from '../own-directives.ts';

interface Reference {
  readonly id: string;
}

/**
 * Things that are counted up in a database, and their names in another subgraph: subscriptions to `{ id n }` are answered
 * with what comes with an event, those that ask for more ask both subgraphs.
 */
export const startCountingSupergraph = (sql: postgres.Sql): Promise<MemorySupergraph> =>
  startMemorySupergraph([
    {
      name: 'things',
      typeDefs: `${federation('@key', '@composeDirective').trimEnd()}${ownDirectives}
        type Query { thing(id: ID!): Thing }
        type Subscription {
          thingCounted(id: ID!): Thing @event(channel: "thing.{args.id}.counted")
          anyThingCounted: Thing @event(channel: "thing.*.counted")
        }
        type Thing @key(fields: "id") { id: ID! n: Int! isEven: Boolean! }`,
      resolvers: {
        Thing: {
          __resolveReference: async ({ id }: Reference) => {
            const [row] = await sql<{ id: string; n: number }[]>`select id, n from things where id = ${id}`;
            return row;
          },
          isEven: ({ n }: { readonly n: number }) => n % 2 === 0,
        },
      },
    },
    {
      name: 'names',
      typeDefs: `${federation('@key')} type Thing @key(fields: "id") { id: ID! name: String! }`,
      resolvers: {
        Thing: { __resolveReference: ({ id }: Reference) => ({ id, name: `Thing ${id}` }) },
      },
    },
  ]);
