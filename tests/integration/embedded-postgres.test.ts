import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import {
  EmbeddedPostgresError,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from '@tributary/embedded-postgres';
import { isAlive } from '@tributary/lifecycle/process-identity';
import { makeTestFolder } from '@tributary/testkit';
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const ownerPath = fileURLToPath(new URL('./embedded-postgres/owner.ts', import.meta.url));

let folder: string;
const running: EmbeddedPostgres[] = [];

beforeEach(() => {
  folder = makeTestFolder('postgres');
});
afterEach(async () => {
  for (const postgres of running.splice(0)) await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

const start = async (options: Partial<EmbeddedPostgresOptions> = {}) => {
  const started = await startEmbeddedPostgres({ folder, databases: ['a'], ...options });
  running.push(started);
  return started;
};

/** One connection, for one piece of work. */
async function withSql<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1 });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

/** What a start that must fail says. */
const problemOf = async (work: Promise<unknown>) => {
  const error: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(EmbeddedPostgresError);
  const { problem, message } = error as EmbeddedPostgresError;
  expect(message).not.toContain('\n');
  return { problem, message };
};

describe('startEmbeddedPostgres', () => {
  it('starts a PostgreSQL 18 with the databases that were asked for', async () => {
    const steps: string[] = [];
    const { url } = await start({ databases: ['a', 'b'], onProgress: (step) => steps.push(step) });
    const [row] = await withSql(url('b'), (sql) => sql`select current_database() as name, version()`);
    expect(row).toMatchObject({ name: 'b', version: expect.stringContaining('PostgreSQL 18') });
    expect(steps).toEqual([
      'Creating the data files of PostgreSQL',
      'Starting PostgreSQL',
      'Creating the databases a, b',
    ]);
  });

  it('keeps data, port and password over a restart', async () => {
    const first = await start();
    await withSql(first.url('a'), (sql) => sql`create table notes as select 'kept' as text`);
    await first.stop();
    const second = await start();
    expect(second.url('a')).toBe(first.url('a'));
    expect(await withSql(second.url('a'), (sql) => sql`select text from notes`)).toEqual([{ text: 'kept' }]);
  });

  it('keeps its password where only the owner can read it, and lets nobody in without it', async () => {
    const { url } = await start();
    expect(statSync(join(folder, 'password')).mode & 0o777).toBe(0o600);
    const wrong = url('a').replace(/:[^:@]+@/, ':wrong@');
    await expect(withSql(wrong, (sql) => sql`select 1`)).rejects.toThrow('password authentication failed');
  });

  it('listens on 127.0.0.1 only', async () => {
    const { port } = await start();
    const [row] = await withSql(
      `postgres://tributary:${readFileSync(join(folder, 'password'), 'utf8').trim()}@127.0.0.1:${port}/a`,
      (sql) =>
        sql`select current_setting('listen_addresses') as hosts, current_setting('unix_socket_directories') as sockets`,
    );
    expect(row).toEqual({ hosts: '127.0.0.1', sockets: '' });
  });

  it('creates and drops databases while it runs, the latter under open connections too', async () => {
    const { url, createDatabase, dropDatabase } = await start();
    await createDatabase('order-lines');
    const sql = postgres(url('order-lines'), { max: 1, onclose: () => {} });
    await sql`select 1`;
    await dropDatabase('order-lines');
    await expect(sql`select 1`).rejects.toThrow(/terminating connection|CONNECTION_CLOSED|does not exist/);
    await sql.end();
    await expect(withSql(url('order-lines'), (sql) => sql`select 1`)).rejects.toThrow('does not exist');
  });

  it('removes its folder at the stop when it need not be durable', async () => {
    const { url, stop } = await start({ durable: false });
    expect(await withSql(url('a'), (sql) => sql`show fsync`)).toEqual([{ fsync: 'off' }]);
    await stop();
    expect(existsSync(folder)).toBe(false);
  });

  it('takes over from a process that was killed: it stops the PostgreSQL left behind and loses nothing', async () => {
    const owner = fork(ownerPath, [folder]);
    const [{ pid }] = (await once(owner, 'message')) as [{ pid: number }];
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    expect(isAlive(pid)).toBe(true);

    const steps: string[] = [];
    const next = await start({ onProgress: (step) => steps.push(step) });
    expect(steps).toEqual([
      'Stopped the PostgreSQL that an earlier start left behind',
      'Starting PostgreSQL',
    ]);
    expect(isAlive(pid)).toBe(false);
    expect(await withSql(next.url('a'), (sql) => sql`select 1 as one`)).toEqual([{ one: 1 }]);
  });

  it('starts again after PostgreSQL itself was killed', async () => {
    const first = await start();
    await withSql(first.url('a'), (sql) => sql`create table notes as select 'kept' as text`);
    process.kill(first.pid, 'SIGKILL');
    await first.stop();
    const second = await start();
    expect(await withSql(second.url('a'), (sql) => sql`select text from notes`)).toEqual([{ text: 'kept' }]);
  });

  it('is not misled by the number of another process in a stale postmaster.pid', async () => {
    await (await start()).stop();
    writeFileSync(join(folder, 'data', 'postmaster.pid'), `${process.pid}\n${folder}/data\n`);
    await start();
    expect(isAlive(process.pid)).toBe(true);
  });

  it('ends with the process that started it when that exits without a stop', async () => {
    const owner = fork(ownerPath, [folder]);
    const [{ pid }] = (await once(owner, 'message')) as [{ pid: number }];
    owner.send('exit');
    await once(owner, 'exit');
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000 });
  });
});

describe('a start of PostgreSQL that fails says in one line what to do', () => {
  it('when its port is in use', async () => {
    const busy = createServer().listen(0, '127.0.0.1');
    await once(busy, 'listening');
    const { port } = busy.address() as AddressInfo;
    const problem = await problemOf(start({ port }));
    busy.close();
    expect(problem).toEqual({
      problem: 'PORT_IN_USE',
      message: `Port ${port} for PostgreSQL is in use: stop what listens there or choose another port`,
    });
  });

  it('when another process runs it in the same folder', async () => {
    const owner = fork(ownerPath, [folder]);
    await once(owner, 'message');
    const problem = await problemOf(start());
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    await (await start()).stop();
    expect(problem).toEqual({
      problem: 'FOLDER_IN_USE',
      message: `PostgreSQL in ${folder} is in use by process ${owner.pid}: stop that one first or choose another folder`,
    });
  });

  it('when the data is that of another version', async () => {
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data', 'PG_VERSION'), '15\n');
    expect(await problemOf(start())).toEqual({
      problem: 'OTHER_VERSION',
      message: `${folder}/data was made by PostgreSQL 15, but this is PostgreSQL 18: move it away or begin anew with "npm start -- --reset"`,
    });
  });

  it('when the folder cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    expect(await problemOf(start({ folder: join(folder, 'file', 'postgres') }))).toEqual({
      problem: 'FOLDER_NOT_WRITABLE',
      message: `${folder}/file/postgres cannot hold PostgreSQL's data (ENOTDIR): make it writable or choose another folder`,
    });
  });

  it('when its data is damaged, with what PostgreSQL itself says', async () => {
    await (await start()).stop();
    rmSync(join(folder, 'data', 'global', 'pg_control'));
    const { problem, message } = await problemOf(start());
    expect(problem).toBe('START_FAILED');
    expect(message).toContain(`PostgreSQL did not start in ${folder}: `);
  });
});

describe.runIf(process.getuid?.() === 0)('PostgreSQL started by root', () => {
  it('runs as a user without privileges', async () => {
    const { pid } = await start();
    const [, uid] = /^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    expect(Number(uid)).toBeGreaterThan(0);
  });

  it('runs in a folder that its user could not enter, such as a clone in /root', async () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const { url } = await start({ folder: join(closed, 'postgres') });
    expect(await withSql(url('a'), (sql) => sql`select 1 as one`)).toEqual([{ one: 1 }]);
  });
});
