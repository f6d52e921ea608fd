import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { startEmbeddedPostgres, type EmbeddedPostgres } from '@tributary/embedded-postgres';
import { makeTestFolder } from '@tributary/testkit';
import postgres from 'postgres';
import { afterEach, beforeEach, expect, it } from 'vitest';

let folder: string;
const running: EmbeddedPostgres[] = [];

beforeEach(() => {
  folder = makeTestFolder('postgres-roles');
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const start = async (steps: string[] = [], databases: readonly string[] = ['users', 'posts']) => {
  const started = await startEmbeddedPostgres({ folder, databases, onProgress: (step) => steps.push(step) });
  running.push(started);
  return started;
};

/** One connection, for one piece of work. */
async function withSql<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

/** The address of a database for the superuser, as a human would put it together. */
const superuserUrl = ({ port }: EmbeddedPostgres, database: string) =>
  `postgres://tributary:${readFileSync(join(folder, 'password'), 'utf8').trim()}@127.0.0.1:${port}/${database}`;

it('lets a role into its own database only, where it may do everything', async () => {
  const { url } = await start();
  await withSql(url('users'), (sql) => sql`create table secrets as select 'a' as text`);
  const toUsers = url('posts').replace(/\/posts$/, '/users');
  await expect(withSql(toUsers, (sql) => sql`select text from secrets`)).rejects.toThrow(
    'permission denied for database "users"',
  );
  const [role] = await withSql(
    url('posts'),
    (sql) => sql`select rolsuper, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user`,
  );
  expect(role).toEqual({ rolsuper: false, rolcreaterole: false, rolcreatedb: false });
});

it('lets nobody in with the password of another role', async () => {
  const { url } = await start();
  const { password } = new URL(url('posts'));
  const address = new URL(url('users'));
  address.password = password;
  await expect(withSql(address.href, (sql) => sql`select 1`)).rejects.toThrow(
    'password authentication failed',
  );
});

it('gives what an earlier version made as the superuser to the role, once', async () => {
  const first = await start([], []);
  await withSql(superuserUrl(first, 'postgres'), (sql) => sql`create database users`);
  await withSql(superuserUrl(first, 'users'), async (sql) => {
    await sql.unsafe(`
      create extension pg_trgm;
      create type mood as enum ('good');
      create sequence tickets;
      create schema archive;
      create table archive.notes (id serial primary key, number int generated always as identity, text text, mood mood);
      create view texts as select text from archive.notes;
      create function one() returns int language sql as 'select 1';
      insert into archive.notes (text) values ('kept')`);
  });
  await first.stop();

  const steps: string[] = [];
  const second = await start(steps);
  expect(steps).toEqual([
    'Starting PostgreSQL',
    'Creating the databases posts',
    'Giving the database users a role of its own',
  ]);
  await withSql(second.url('users'), async (sql) => {
    expect(await sql`select text from texts`).toEqual([{ text: 'kept' }]);
    await sql.unsafe(`
      alter table archive.notes add column more text;
      alter type mood add value 'bad';
      alter function one() rename to uno;
      alter sequence tickets restart;
      insert into archive.notes (text) values ('new');
      drop view texts;
      drop schema archive cascade;
      create table public.other ()`);
  });
  const toUsers = second.url('posts').replace(/\/posts$/, '/users');
  await expect(withSql(toUsers, (sql) => sql`select 1`)).rejects.toThrow('permission denied');
  await second.stop();

  const later: string[] = [];
  await start(later);
  expect(later).toEqual(['Starting PostgreSQL']);
});
