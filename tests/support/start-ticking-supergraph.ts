import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { composeSupergraph, expectSupergraph } from '@tributary/planning';
import { federation, startMemorySubgraph } from '@tributary/testkit';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

/** A result that the subgraph publishes: who ticks, or an error that its resolver throws. */
type Tick = { readonly clock: string; readonly by: string };

/** One subscription as the subgraph sees it. */
class Listening {
  readonly clock: string;
  readonly identity: string | undefined;
  readonly #ticks: (Tick | Error | undefined)[] = [];
  #wake = () => {};
  isOpen = true;

  constructor(clock: string, identity: string | undefined) {
    this.clock = clock;
    this.identity = identity;
  }

  push(tick: Tick | Error | undefined): void {
    this.#ticks.push(tick);
    this.#wake();
  }

  /** Not a generator: one that waits cannot be told to stop. */
  ticks(): AsyncIterableIterator<{ ticked: object }> {
    const finish = () => {
      this.isOpen = false;
      this.#wake();
      return { value: undefined, done: true } as const;
    };
    const next = async (): Promise<IteratorResult<{ ticked: object }>> => {
      while (this.isOpen && this.#ticks.length === 0) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
      const tick = this.#ticks.shift();
      if (tick instanceof Error) throw tick;
      if (!tick) return finish();
      const value = { ticked: { clock: tick.clock, by: { __typename: 'User', id: tick.by } } };
      return { value, done: false };
    };
    return {
      next,
      return: async () => finish(),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}

const link = `${federation('@key', '@composeDirective').trimEnd()}
  @link(url: "https://specs.tributary.dev/tributary/v1.0", import: ["@personal"])
  @composeDirective(name: "@personal")
  directive @personal on FIELD_DEFINITION | OBJECT
`;

const types = `
  type Query { clocks: [String!] }
  type Subscription { ticked(clock: String!): Tick! mine(clock: String!): Tick! @personal }
  type Tick { clock: String! by: User }
  type User @key(fields: "id", resolvable: false) { id: ID! }
`;
const typeDefs = `${link}${types}`;

/**
 * A subgraph with ordinary subscriptions over graphql-transport-ws, which knows nothing of events, and users beside it.
 */
export async function startTickingSupergraph() {
  const users = await startMemorySubgraph({
    name: 'users',
    typeDefs: `${link} type Query { user: User } type User @key(fields: "id") { id: ID! name: String }`,
    resolvers: { User: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `name of ${id}` }) } },
  });
  const listening: Listening[] = [];
  const identities: (string | undefined)[] = [];
  let sockets = 0;
  const subscribe = (_root: unknown, { clock }: { clock: string }, { identity }: { identity?: string }) => {
    const one = new Listening(clock, identity);
    listening.push(one);
    return one.ticks();
  };
  const schema = buildSchema(types.replaceAll(/@\w+(?:\([^)]*\))?/g, ''));
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    field.subscribe = subscribe;
    field.resolve = ({ ticked }: { ticked: object }) => ticked;
  }
  const server = createServer((_request, response) => void response.writeHead(404).end());
  const door = new WebSocketServer({ server, path: '/graphql' });
  door.on('connection', (socket) => {
    sockets += 1;
    socket.once('close', () => (sockets -= 1));
  });
  const serving = useServer<Record<string, unknown>, { request: { headers: Record<string, unknown> } }>(
    {
      schema,
      context: ({ extra, connectionParams }) => {
        const identity = extra.request.headers['tributary-identity'] as string | undefined;
        if (identity !== connectionParams?.['tributary-identity']) throw new Error('Expected one identity');
        identities.push(identity);
        return { identity };
      },
    },
    door,
  );
  const { promise, resolve: listens } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listens);
  await promise;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  const { supergraphSdl: sdl } = expectSupergraph(
    composeSupergraph([{ name: 'clocks', url, sdl: typeDefs }, users]),
  );
  const folder = await mkdtemp(join(tmpdir(), 'tributary-ticking-'));
  const file = join(folder, 'supergraph.graphql');
  await writeFile(file, sdl);
  return {
    sdl,
    file,
    users,
    clocksSdl: typeDefs,
    listening,
    /** What each subscription's socket said about who asks. */
    identities,
    socketCount: () => sockets,
    open: () => listening.filter(({ isOpen }) => isOpen),
    tick: (clock: string, by: string) => {
      for (const each of listening) if (each.isOpen && each.clock === clock) each.push({ clock, by });
    },
    /** Breaks all sockets without a word. */
    breakOff: () => {
      for (const socket of door.clients) socket.terminate();
    },
    stop: async () => {
      await serving.dispose();
      await users.stop();
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
