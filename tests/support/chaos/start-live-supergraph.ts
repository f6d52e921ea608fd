import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { composeSupergraph, expectSupergraph } from '@tributary/planning';
import { federation, startMemorySubgraph } from '@tributary/testkit';

import { ownDirectives } from '../own-directives.ts';
import { startTickingSupergraph } from '../start-ticking-supergraph.ts';

const typeDefs = `${federation('@key', '@composeDirective').trimEnd()}${ownDirectives}
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
