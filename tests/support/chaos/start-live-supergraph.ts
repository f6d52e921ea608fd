import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { composeSupergraph, expectSupergraph } from '@tributary/planning';
import { federation, startMemorySubgraph } from '@tributary/testkit';

import { startTickingSupergraph } from '../start-ticking-supergraph.ts';

const typeDefs = `${federation('@key', '@composeDirective').trimEnd()}
  @link(url: "https://specs.tributary.dev/tributary/v1.1", import: ["@personal", "@event"])
  @composeDirective(name: "@personal")
  @composeDirective(name: "@event")
  directive @personal on FIELD_DEFINITION | OBJECT
  directive @event(channel: String!, filter: String) repeatable on FIELD_DEFINITION
  type Query { thing(id: ID!): Thing }
  type Subscription {
    thingCounted(id: ID!): Thing @event(channel: "thing.{args.id}.counted")
    anyThingCounted: Thing @event(channel: "thing.*.counted")
  }
  type Thing @key(fields: "id") { id: ID! at: String text: String owner: User }
  type User @key(fields: "id", resolvable: false) { id: ID! }
`;

/** Things whose events are published, and clocks whose subgraph publishes by itself, with users beside both. */
export async function startLiveSupergraph() {
  const ticking = await startTickingSupergraph();
  const things = await startMemorySubgraph({
    name: 'things',
    typeDefs,
    resolvers: {
      Thing: {
        __resolveReference: ({ id }: { readonly id: string }) => ({
          id,
          owner: { __typename: 'User', id: '1' },
        }),
      },
    },
  });
  const clocks = { name: 'clocks', url: urlOfClocks(ticking.sdl), sdl: ticking.clocksSdl };
  const { supergraphSdl } = expectSupergraph(composeSupergraph([clocks, ticking.users, things]));
  const folder = await mkdtemp(join(tmpdir(), 'tributary-live-'));
  const file = join(folder, 'supergraph.graphql');
  await writeFile(file, supergraphSdl);
  return {
    file,
    tick: ticking.tick,
    /** Sockets that the subgraph of the clocks holds. */
    clockSockets: ticking.socketCount,
    clockSubscriptions: () => ticking.open().length,
    stop: async () => {
      await Promise.all([ticking.stop(), things.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type LiveSupergraph = Awaited<ReturnType<typeof startLiveSupergraph>>;

const urlOfClocks = (sdl: string): string =>
  /join__graph\(name: "clocks", url: "([^"]+)"/.exec(sdl)?.[1] ?? '';
