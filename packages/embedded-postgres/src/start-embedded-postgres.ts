import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import postgres from 'postgres';

import { findBinaries, type Binaries } from './binaries.ts';
import {
  checkVersion,
  createData,
  hasData,
  makeFolder,
  protectData,
  readOrMakePassword,
  superuser,
} from './cluster-folder.ts';
import { createOwnedDatabase, databaseOwner, findDatabases, giveToOwner } from './database-owner.ts';
import { EmbeddedPostgresError, portInUse } from './embedded-postgres-error.ts';
import { findFreePort } from './free-port.ts';
import { describeOwner, stopLeftOver } from './left-over.ts';
import { startPostmaster, type Postmaster } from './postmaster.ts';
import { chooseRunAs, type RunAs } from './run-as.ts';

/** What to start and where. */
export interface EmbeddedPostgresOptions {
  /** Holds data files, password and port; made when absent. One PostgreSQL at a time may run in it. */
  readonly folder: string;
  /** Databases that must exist once it has started. */
  readonly databases: readonly string[];
  /** @default the port of the last start in this folder, or any other free one when that is taken */
  readonly port?: number;
  /** False is for tests: nothing is forced to disk and `stop` removes the folder. @default true */
  readonly durable?: boolean;
  /** Is told what is being done, before it is done. @default nobody is told */
  readonly onProgress?: (step: string) => void;
  /** Gets what PostgreSQL writes to its log. @default it is dropped */
  readonly onLog?: (text: string) => void;
}

/** A PostgreSQL that runs until it is stopped. */
export interface EmbeddedPostgres {
  readonly port: number;
  /** The main process. */
  readonly pid: number;
  /** Resolves when it has ended, by `stop` or by itself. */
  readonly ended: Promise<void>;
  /** The address of one of its databases, with the role that owns it and cannot connect to the others. */
  readonly url: (database: string) => string;
  /** Creates a database and the role that owns it. */
  readonly createDatabase: (name: string) => Promise<void>;
  /** Drops the database, also under connections that are still open. */
  readonly dropDatabase: (name: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** How often another port is tried, since between finding a free one and using it somebody may be faster. */
const portAttempts = 5;

/**
 * Starts a real PostgreSQL whose programs come from npm. What it holds survives a restart, and one that a killed
 * process left behind is stopped first.
 *
 * @example
 * const postgres = await startEmbeddedPostgres({ folder: '.data/postgres', databases: ['users'] });
 * postgres.url('users') // "postgres://users_owner:…@127.0.0.1:40213/users"
 * await postgres.stop();
 * @throws {EmbeddedPostgresError} one line that says what to do
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const folder = resolve(options.folder);
  const { onProgress = () => {}, durable = true } = options;
  const binaries = await findBinaries();
  makeFolder(folder);
  checkVersion(folder, binaries);
  if (await stopLeftOver(folder)) onProgress('Stopped the PostgreSQL that an earlier start left behind');
  const password = readOrMakePassword(folder);
  const runAs = await prepareData(folder, password, binaries, onProgress);
  onProgress('Starting PostgreSQL');
  const postmaster = await startOnFreePort({ ...options, folder }, binaries, runAs);
  writeFileSync(join(folder, 'port'), String(postmaster.port));
  writeFileSync(join(folder, 'owner'), describeOwner());

  const handle = createHandle(postmaster, password, async () => {
    await postmaster.stop();
    if (!durable) rmSync(folder, { recursive: true, force: true });
  });
  try {
    await prepareDatabases(postmaster.port, password, options.databases, onProgress);
  } catch (error: unknown) {
    await handle.stop();
    throw error;
  }
  return handle;
}

async function prepareData(
  folder: string,
  password: string,
  binaries: Binaries,
  onProgress: (step: string) => void,
): Promise<RunAs> {
  const runAs = chooseRunAs(join(folder, 'data'), [binaries.postgres]);
  if (!hasData(folder)) {
    onProgress('Creating the data files of PostgreSQL');
    await createData(folder, password, binaries, runAs);
  }
  protectData(folder);
  return runAs;
}

async function startOnFreePort(
  { folder, port, durable = true, onLog = () => {} }: EmbeddedPostgresOptions,
  binaries: Binaries,
  runAs: RunAs,
): Promise<Postmaster> {
  for (let attempt = 1; ; attempt += 1) {
    const chosen = port ? await findFreePort(port) : await rememberedOrFreePort(folder);
    if (chosen === undefined) throw portInUse(port ?? 0);
    try {
      return await startPostmaster({ folder, port: chosen, isDurable: durable, binaries, runAs, onLog });
    } catch (error: unknown) {
      const isTaken = error instanceof EmbeddedPostgresError && error.problem === 'PORT_IN_USE';
      if (!isTaken || port || attempt === portAttempts) throw error;
    }
  }
}

async function rememberedOrFreePort(folder: string): Promise<number | undefined> {
  const file = join(folder, 'port');
  const remembered = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  return (await findFreePort(remembered)) ?? findFreePort();
}

function createHandle(
  { port, pid, ended }: Postmaster,
  password: string,
  stop: () => Promise<void>,
): EmbeddedPostgres {
  return {
    port,
    pid,
    ended,
    url: (database) => addressOf(port, database, databaseOwner(database, password)),
    createDatabase: (name) =>
      asSuperuser(port, password, 'postgres', (sql) =>
        createOwnedDatabase(sql, name, databaseOwner(name, password)),
      ),
    dropDatabase: (name) =>
      asSuperuser(
        port,
        password,
        'postgres',
        async (sql) => void (await sql`drop database if exists ${sql(name)} with (force)`),
      ),
    stop,
  };
}

/** Creates the databases that are missing and gives those of an earlier version to roles of their own. */
const prepareDatabases = (
  port: number,
  password: string,
  wanted: readonly string[],
  onProgress: (step: string) => void,
): Promise<void> =>
  asSuperuser(port, password, 'postgres', async (sql) => {
    if (wanted.length === 0) return;
    const { databases, owned } = await findDatabases(sql);
    const missing = wanted.filter((name) => !databases.has(name));
    if (missing.length > 0) onProgress(`Creating the databases ${missing.join(', ')}`);
    for (const name of missing) await createOwnedDatabase(sql, name, databaseOwner(name, password));
    for (const name of wanted.filter((name) => databases.has(name) && !owned.has(name))) {
      onProgress(`Giving the database ${name} a role of its own`);
      await asSuperuser(port, password, name, (inside) =>
        giveToOwner(sql, inside, name, databaseOwner(name, password)),
      );
    }
  });

const addressOf = (
  port: number,
  database: string,
  { role, password }: { readonly role: string; readonly password: string },
): string =>
  `postgres://${encodeURIComponent(role)}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;

/** A connection for one errand: kept open it would be one more thing to break when PostgreSQL stops. */
async function asSuperuser<T>(
  port: number,
  password: string,
  database: string,
  work: (sql: postgres.Sql) => Promise<T>,
): Promise<T> {
  const sql = postgres(addressOf(port, database, { role: superuser, password }), {
    max: 1,
    onnotice: () => {},
    fetch_types: false,
  });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}
