import { graphql } from 'graphql';
import { expect, it } from 'vitest';

import { createContext, type RequestContext } from '../context/create-context.ts';
import { untilAborted } from '../context/request-limits.ts';
import type { Database } from '../database/database.ts';
import type { LoaderRegistry } from '../loaders/loader-registry.ts';
import { createSubgraphSchema } from './create-subgraph-schema.ts';

type Loaders = ReturnType<typeof createLoaders>;
type Context = RequestContext<(ids: readonly string[]) => void, Loaders, undefined>;

const createLoaders = (registry: LoaderRegistry, onStatement: (ids: readonly string[]) => void) => ({
  // Everybody has three friends.
  friendsOf: registry.create<string, string[]>({ name: 'friendsOf' }, async (ids) => {
    onStatement(ids);
    return ids.map((id) => [`${id}a`, `${id}b`, `${id}c`]);
  }),
});

const schema = createSubgraphSchema({
  typeDefs: 'type Query { root: Person } type Person { id: ID! friends: [Person!] }',
  resolvers: {
    Query: { root: () => ({ id: '' }) },
    Person: {
      friends: async ({ id }: { id: string }, _args: object, { loaders }: Context) =>
        (await loaders.friendsOf.load(id)).map((friend) => ({ id: friend })),
    },
  },
});

const source = '{ root { friends { friends { friends { friends { id } } } } } }';

/** Runs friends of friends four levels deep; gives the sizes of the batches. */
async function run(
  options: {
    signal?: AbortSignal;
    maxLoadedKeys?: number;
    onStatement?: (ids: readonly string[]) => void;
  } = {},
) {
  const batches: number[] = [];
  const repositories = () => (ids: readonly string[]) => {
    batches.push(ids.length);
    options.onStatement?.(ids);
  };
  const { context } = createContext(
    { repositories, loaders: createLoaders, services: undefined },
    { ...options, database: {} as Database, requestId: 'request-1' },
  );
  const answer = untilAborted(context.signal, graphql({ schema, source, contextValue: context }));
  const outcome = await answer.catch((error: unknown) => error);
  // What would still go on has its turn.
  await new Promise(setImmediate);
  return { outcome, batches };
}

it('lets a request that nobody gave up run to its end', async () => {
  const { outcome, batches } = await run();
  expect(outcome).not.toHaveProperty('errors');
  expect(batches).toEqual([1, 3, 9, 27]);
});

it('asks for nothing more once the signal is aborted', async () => {
  const caller = new AbortController();
  const reason = new Error('gone');
  const onStatement = (ids: readonly string[]) => ids.length === 3 && caller.abort(reason);
  expect(await run({ signal: caller.signal, onStatement: (ids) => void onStatement(ids) })).toEqual({
    outcome: reason,
    batches: [1, 3],
  });
});

it('asks for nothing at all when it was aborted before', async () => {
  expect(await run({ signal: AbortSignal.abort(new Error('gone')) })).toMatchObject({ batches: [] });
});

it('is what a request that loads too much comes to', async () => {
  const { outcome, batches } = await run({ maxLoadedKeys: 12 });
  expect(outcome).toMatchObject({ code: 'OPERATION_TOO_COMPLEX' });
  expect(batches).toEqual([1, 3]);
});

it('leaves schemas that run without a context as they are', async () => {
  expect(await graphql({ schema, source: '{ root { id } }' })).toEqual({ data: { root: { id: '' } } });
});
