import { describe, expect, it } from 'vitest';

import type { RequestContext } from '../context/create-context.ts';
import { anonymous, type Principal } from '../context/principal.ts';
import { requireUser } from '../guards/guards.ts';
import { inKeyOrder } from '../loaders/in-key-order.ts';
import type { LoaderRegistry } from '../loaders/loader-registry.ts';
import { createTestExecutor } from './create-test-executor.ts';

interface NoteRow {
  readonly id: string;
  readonly text: string;
  readonly replyIds: readonly string[];
}

/** Repositories over an array, and the batches that they were asked for. */
function fakeRepositories(rows: NoteRow[] = []) {
  const batches: (readonly string[])[] = [];
  const repositories = {
    findByIds: async (ids: readonly string[]) => {
      batches.push(ids);
      return rows.filter(({ id }) => ids.includes(id));
    },
    insert: async (row: NoteRow) => void rows.push(row),
  };
  return { repositories, batches };
}
type Repositories = ReturnType<typeof fakeRepositories>['repositories'];

const createLoaders = (registry: LoaderRegistry, notes: Repositories) => ({
  noteById: registry.create<string, NoteRow | null>({ name: 'noteById' }, async (ids) =>
    inKeyOrder(ids, await notes.findByIds(ids), ({ id }) => id),
  ),
});
type Context = RequestContext<Repositories, ReturnType<typeof createLoaders>, undefined>;

const resolvers = {
  Query: {
    note: (_root: unknown, { id }: { id: string }, { loaders }: Context) => loaders.noteById.load(id),
    me: requireUser((_root: unknown, _args: object, { currentUserId }: Context) => currentUserId),
  },
  Mutation: {
    addNote: async (
      _root: unknown,
      { id, text }: { id: string; text: string },
      { transaction, loaders }: Context,
    ) => {
      await loaders.noteById.load(id);
      await transaction((notes) => notes.insert({ id, text, replyIds: [] }));
      return loaders.noteById.load(id);
    },
  },
  Note: {
    replies: ({ replyIds }: NoteRow, _args: object, { loaders }: Context) =>
      loaders.noteById.loadMany(replyIds),
  },
};

const notes = {
  schemaFile: new URL('notes.graphql', import.meta.url),
  resolvers,
  loaders: createLoaders,
};

const row = (id: string, replyIds: readonly string[] = []): NoteRow => ({ id, text: `Note ${id}`, replyIds });
const ada: Principal = { ...anonymous, userId: 'ada' };

async function executor(rows: NoteRow[] = [], principal?: Principal) {
  const { repositories, batches } = fakeRepositories(rows);
  const { execute } = await createTestExecutor(notes, {
    repositories,
    services: undefined,
    ...(principal && { principal }),
  });
  return { execute, batches };
}

describe('an operation', () => {
  it('is answered from what the test made up', async () => {
    const { execute } = await executor([row('1')]);
    const { data, errors } = await execute('query ($id: ID!) { note(id: $id) { text } }', { id: '1' });
    expect(errors).toEqual([]);
    expect(data).toEqual({ note: { text: 'Note 1' } });
  });

  it('goes through the loaders that are served, which tell how often they asked', async () => {
    const { execute, batches } = await executor([row('1', ['2', '3']), row('2', ['3']), row('3')]);
    const { loaders } = await execute('{ note(id: "1") { replies { replies { text } } } }');
    expect(batches).toEqual([['1'], ['2', '3']]);
    expect(loaders).toMatchObject([{ name: 'noteById', batches: 2, cacheHits: 1 }]);
  });

  it('shares nothing with the next one', async () => {
    const { execute, batches } = await executor([row('1')]);
    await execute('{ note(id: "1") { text } }');
    await execute('{ note(id: "1") { text } }');
    expect(batches).toEqual([['1'], ['1']]);
  });

  it('may write, and sees what it wrote', async () => {
    const { execute } = await executor();
    const { data } = await execute('mutation { addNote(id: "1", text: "One") { text } }');
    expect(data).toEqual({ addNote: { text: 'One' } });
  });

  it('fails with errors as they were thrown, limits of inputs included', async () => {
    const { execute } = await executor();
    const { data, errors } = await execute('{ note(id: "") { text } }');
    expect(data).toEqual({ note: null });
    expect(errors).toMatchObject([{ path: ['note'], extensions: { code: 'BAD_USER_INPUT' } }]);
    expect((await execute('{ nothing }')).errors[0]?.message).toBe(
      'Cannot query field "nothing" on type "Query".',
    );
  });
});

describe('the caller', () => {
  it('is nobody at all unless the test says who: reading it fails, as it does where it is served', async () => {
    const { execute } = await executor();
    expect((await execute('{ me }')).errors[0]?.message).toContain(
      'Expected the request to carry an identity',
    );
  });

  it('is the same for all operations, or one for each', async () => {
    const { execute } = await executor([], ada);
    expect((await execute('{ me }')).data).toEqual({ me: 'ada' });
    const { errors } = await execute('{ me }', {}, { principal: anonymous });
    expect(errors[0]?.extensions['code']).toBe('UNAUTHENTICATED');
  });
});

it('refuses a schema that could not be served', async () => {
  const { repositories } = fakeRepositories();
  const broken = createTestExecutor({ ...notes, resolvers: {} }, { repositories, services: undefined });
  await expect(broken).rejects.toMatchObject({ code: 'SCHEMA_INVALID' });
});
