import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { checkConfig, type Environment } from '@tributary/config';
import {
  inKeyOrder,
  invalidInput,
  orThrow,
  readSubgraphConfig,
  requireUser,
  startSubgraph,
  type LoaderRegistry,
  type RequestContext,
  type Resolver,
  type RunningSubgraph,
  type Sql,
  type SubgraphDefinition,
} from '@tributary/subgraph-kit';
import { createLogger } from '@tributary/telemetry';
import { createTestKeys, postGraphQL, signIdentity, type TestPrincipal } from '@tributary/testkit';

/** A subgraph made up to show what the kit does: each field of it is one case. */
export const notesSchema = `
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])

type Note @key(fields: "id") { id: ID! text: String! }
type Query {
  note(id: ID!): Note
  me: String
  secret: String
  boom: String
  wrongInput: String
  wrongStatement: String
  slow: String
  assign: String
}
type Mutation {
  addNote(id: ID!, text: String!): Note
  addNoteAndFail(id: ID!): Note
}
`;

const migration = 'create table notes (id text primary key, text text not null)';

interface NoteRow {
  readonly id: string;
  readonly text: string;
}

const createRepositories = (sql: Sql) => ({
  findByIds: (ids: readonly string[]) => sql<NoteRow[]>`select id, text from notes where id = any(${ids})`,
  insert: async (id: string, text: string) =>
    void (await sql`insert into notes (id, text) values (${id}, ${text})`),
  askWrongTable: () => sql<{ secret: string }[]>`select secret from secret_table`,
});
type Repositories = ReturnType<typeof createRepositories>;

const createLoaders = (loaders: LoaderRegistry, notes: Repositories) => ({
  noteById: loaders.create<string, NoteRow | null>({ name: 'noteById' }, async (ids) =>
    inKeyOrder(ids, await notes.findByIds(ids), ({ id }) => id),
  ),
});
type Loaders = ReturnType<typeof createLoaders>;

/** What a test sees of the requests, and decides about them. */
export interface NotesServices {
  readonly contexts: NotesContext[];
  /** In the order in which they happened: `released …`. */
  readonly trace: string[];
  /** What `slow` waits for. */
  slow: () => Promise<string>;
}
export type NotesContext = RequestContext<Repositories, Loaders, NotesServices>;

type Args = Readonly<Record<string, string>>;
type Resolve = Resolver<unknown, Args, NotesContext, unknown>;

const queries: Record<string, Resolve> = {
  note: (_root, { id = '' }, context) => {
    context.services.contexts.push(context);
    context.onEnd(() => void context.services.trace.push(`released ${context.requestId}`));
    return context.loaders.noteById.load(id);
  },
  me: (_root, _args, { currentUserId }) => currentUserId,
  secret: requireUser(() => 'sesame'),
  boom: () => {
    throw new Error('boom at db01.internal');
  },
  wrongInput: () =>
    orThrow(invalidInput([{ path: ['text'], code: 'INVALID_INPUT', message: 'must not be empty' }])),
  wrongStatement: (_root, _args, { repositories }) => repositories.askWrongTable(),
  slow: (_root, _args, { services }) => services.slow(),
  assign: (_root, _args, context) => Object.assign(context, { principal: { userId: 'eve' } }).currentUserId,
};

const mutations: Record<string, Resolve> = {
  addNote: async (_root, { id = '', text = '' }, { loaders, services, transaction }) => {
    services.trace.push(`begin ${id}`);
    // Remembered as missing, unless the transaction makes the loader forget.
    await loaders.noteById.load(id);
    await transaction((notes) => notes.insert(id, text));
    services.trace.push(`end ${id}`);
    return loaders.noteById.load(id);
  },
  addNoteAndFail: (_root, { id = '' }, { transaction }) =>
    transaction(async (notes) => {
      await notes.insert(id, 'never seen');
      throw new Error('after the insert');
    }),
};

const resolvers = {
  Query: queries,
  Mutation: mutations,
  Note: {
    __resolveReference: ({ id }: NoteRow, { loaders }: NotesContext) => loaders.noteById.load(id),
  },
};

export interface NotesOptions {
  readonly databaseUrl: string;
  readonly env?: Environment;
  readonly definition?: Partial<SubgraphDefinition<Repositories, Loaders, NotesServices>>;
}

export interface AskOptions {
  /** Who asks; `{}` is somebody who did not sign in. @default nobody: the request carries no identity */
  readonly as?: TestPrincipal;
  readonly headers?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, unknown>>;
}

export interface Notes extends RunningSubgraph {
  /** A folder of its own, with `schema.graphql`; removed at the end. */
  readonly folder: string;
  readonly services: NotesServices;
  /** What it logged, oldest first. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  ask(query: string, options?: AskOptions): ReturnType<typeof postGraphQL>;
  /** Resolves with the first line that has this message, from now on or from before. */
  line(message: string): Promise<Readonly<Record<string, unknown>>>;
}

const keys = createTestKeys();

/** Starts the subgraph of notes in this process, on a free port. */
export async function startNotes({ databaseUrl, env = {}, definition = {} }: NotesOptions): Promise<Notes> {
  // Before there is anything to clean up, since wrong settings throw.
  const settings = {
    PORT: '0',
    DATABASE_URL: databaseUrl,
    IDENTITY_PUBLIC_KEY: keys.publicKey,
    ...env,
  };
  const config = checkConfig(settings, (read) => readSubgraphConfig(read, { port: 0 }));
  const folder = await mkdtemp(join(tmpdir(), 'tributary-notes-'));
  await writeFile(join(folder, 'schema.graphql'), notesSchema);
  await writeFile(join(folder, '001-notes.sql'), migration);
  const services: NotesServices = { contexts: [], trace: [], slow: async () => 'done' };
  const log = createLog();
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  const subgraph = await startSubgraph(
    {
      name: 'notes',
      schemaFile: pathToFileURL(join(folder, 'schema.graphql')),
      migrations: pathToFileURL(`${folder}/`),
      resolvers,
      repositories: createRepositories,
      loaders: createLoaders,
      services,
      ...definition,
    },
    config,
    { logger: createLogger({ name: 'notes', level: 'debug', destination: log }) },
  ).catch(async (error: unknown) => {
    await removeFolder();
    throw error;
  });
  return {
    ...subgraph,
    folder,
    services,
    lines: log.lines,
    line: log.waitFor,
    ask: async (query, { as, headers = {}, variables = {} } = {}) => {
      const identity = as && { 'tributary-identity': await signIdentity(keys, 'notes', as) };
      return postGraphQL(`${subgraph.url}/graphql`, {
        query,
        variables,
        headers: { ...identity, ...headers },
      });
    },
    stop: async () => {
      await subgraph.stop();
      await removeFolder();
    },
  };
}

/** Keeps log lines and tells of those to come. */
function createLog() {
  const lines: Record<string, unknown>[] = [];
  const waiting = new Set<() => void>();
  return {
    lines,
    write: (text: string) => {
      lines.push(JSON.parse(text) as Record<string, unknown>);
      for (const look of waiting) look();
    },
    waitFor: (message: string) => {
      const { promise, resolve } = Promise.withResolvers<Record<string, unknown>>();
      const look = () => {
        const found = lines.find(({ msg }) => msg === message);
        if (found) resolve(found);
      };
      waiting.add(look);
      look();
      return promise.finally(() => waiting.delete(look));
    },
  };
}
