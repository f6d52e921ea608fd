import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import type postgres from 'postgres';
import { Umzug } from 'umzug';

import type { Database } from './database.ts';

/** Where the names of migrations that have run are kept. */
const table = 'schema_migrations';
/** Any number that nothing else locks: replicas of a subgraph that start together migrate one after the other. */
const lockKey = 7_274_982;

/**
 * Runs the SQL files of a folder that have not run yet, in the order of their names (`001-posts.sql`), all in one
 * transaction: a start either has the whole schema or the one before.
 *
 * @returns the names that ran
 * @throws what PostgreSQL said, with the file's name in front
 */
export function migrate(database: Database, folder: URL): Promise<readonly string[]> {
  return database.transaction(async (sql) => {
    // An index takes as long as it takes, and so does another replica's migration.
    await sql`set local statement_timeout = 0`;
    await sql`select pg_advisory_xact_lock(${lockKey})`;
    await sql`create table if not exists ${sql(table)} (name text primary key, ran_at timestamptz not null default now())`;
    const umzug = new Umzug({
      context: { sql },
      logger: undefined,
      migrations: {
        glob: ['*.sql', { cwd: fileURLToPath(folder) }],
        resolve: ({ name, path }) => sqlMigration(name, path),
      },
      storage: {
        executed: async ({ context: { sql } }) =>
          (await sql<{ name: string }[]>`select name from ${sql(table)}`).map(({ name }) => name),
        logMigration: async ({ name, context: { sql } }) =>
          void (await sql`insert into ${sql(table)} (name) values (${name})`),
        unlogMigration: async ({ name, context: { sql } }) =>
          void (await sql`delete from ${sql(table)} where name = ${name}`),
      },
    });
    const ran = await umzug.up();
    return ran.map(({ name }) => name);
  });
}

const sqlMigration = (name: string, path: string | undefined) => ({
  name,
  up: async ({ context: { sql } }: { context: { sql: postgres.TransactionSql } }) => {
    if (!path) throw new TypeError(`Migration ${name} has no file`);
    await sql.unsafe(await readFile(path, 'utf8'));
  },
});
