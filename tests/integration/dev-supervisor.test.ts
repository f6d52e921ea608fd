import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { isAlive } from '@tributary/lifecycle/process-identity';
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const here = fileURLToPath(new URL('.', import.meta.url));
const cli = join(here, '..', '..', 'cli', 'src', 'main.ts');

/** Below the ports that the system gives away, so that nobody gets one of ours meanwhile. */
const portBase = 10_000 + (process.pid % 2200) * 10;
const ports = { gateway: portBase, users: portBase + 1, reviews: portBase + 2 };

let project: string;
const started: ChildProcess[] = [];

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'tributary-dev-'));
  chmodSync(project, 0o755);
  cpSync(join(here, 'dev-supervisor', 'project'), project, { recursive: true });
  symlinkSync(join(here, '..', 'node_modules'), join(project, 'node_modules'));
});
afterEach(async () => {
  for (const child of started.splice(0)) {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  await expectNothingLeft();
  rmSync(project, { recursive: true, force: true });
});

/** Every process whose command line or environment names the folder: what a start there has brought up. */
function processesOf(folder: string): string[] {
  if (process.platform !== 'linux') return []; // no /proc to count in
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .filter((pid) => {
      try {
        const text = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1'));
        return text.join('\0').includes(folder) && isAlive(Number(pid));
      } catch {
        return false; // it has just ended
      }
    })
    .map((pid) => `${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')}`);
}

/** Children whose supervisor was killed end by themselves, within moments. */
const expectNothingLeft = () =>
  vi.waitFor(
    () => {
      const left = processesOf(project);
      if (left.length > 0) throw new Error(`Expected no process to be left, but got:\n${left.join('\n')}`);
    },
    { timeout: 15_000 },
  );

/** Runs `tributary dev` in the project, as a terminal does: in a process group of its own. */
function startDev(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [cli, 'dev', ...args], {
    cwd: project,
    env: { ...process.env, TRIBUTARY_PORT_BASE: String(portBase), NO_COLOR: '1', ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  const said = (text: string) =>
    vi.waitFor(
      () => {
        if (!output.includes(text)) throw new Error(`Expected "${text}", but so far it said:\n${output}`);
      },
      { timeout: 20_000, interval: 20 },
    );
  return { child, ended, said, ready: () => said('Tributary is ready'), output: () => output };
}

type Answer = { readonly env: NodeJS.ProcessEnv; readonly pid: number };
const ask = async (name: keyof typeof ports): Promise<Answer> =>
  (await (await fetch(`http://127.0.0.1:${ports[name]}/`)).json()) as Answer;

const eventsFile = () => join(project, 'events');
const readEvents = () => readFileSync(eventsFile(), 'utf8').trim().split('\n');

/** Runs SQL in the database of a subgraph that runs. */
async function query(name: 'users' | 'reviews', text: string): Promise<unknown[]> {
  const { env } = await ask(name);
  const sql = postgres(env['DATABASE_URL'] ?? '', { max: 1 });
  try {
    return [...(await sql.unsafe(text))];
  } finally {
    await sql.end();
  }
}

describe('tributary dev', () => {
  it('starts databases, subgraphs and the gateway, and says where to ask what', async () => {
    const { ready, output } = startDev();
    await ready();
    expect(output()).toContain(`Tributary is ready: http://127.0.0.1:${ports.gateway}/graphql`);
    expect(output().match(/^(\{|mutation|query)/gm)).toHaveLength(3);
    expect(output()).not.toContain('everyday line');
    expect(readFileSync(join(project, '.data', 'logs', 'users.log'), 'utf8')).toContain('everyday line');
    expect(await query('users', 'select current_database() as name')).toEqual([{ name: 'users' }]);
    expect(await query('reviews', 'select current_database() as name')).toEqual([{ name: 'reviews' }]);
  });

  it('composes the supergraph with the addresses of this start', async () => {
    await startDev().ready();
    const { env } = await ask('gateway');
    const supergraph = readFileSync(env['SUPERGRAPH'] ?? '', 'utf8');
    expect(supergraph).toContain(`url: "http://127.0.0.1:${ports.users}/graphql"`);
    expect(env['JWT_JWKS_URL']).toBe(`http://127.0.0.1:${ports.users}/.well-known/jwks.json`);
  });

  it('gives each process the secrets that it needs and no others', async () => {
    await startDev().ready();
    const secrets = ['DATABASE_URL', 'IDENTITY_PRIVATE_KEY', 'IDENTITY_PUBLIC_KEY', 'JWT_PRIVATE_KEY'];
    const held = async (name: keyof typeof ports) => {
      const { env } = await ask(name);
      return secrets.filter((secret) => env[secret]);
    };
    expect(await held('gateway')).toEqual(['IDENTITY_PRIVATE_KEY']);
    expect(await held('users')).toEqual(['DATABASE_URL', 'IDENTITY_PUBLIC_KEY', 'JWT_PRIVATE_KEY']);
    expect(await held('reviews')).toEqual(['DATABASE_URL', 'IDENTITY_PUBLIC_KEY']);
    expect(statSync(join(project, '.data', 'keys', 'identity.pem')).mode & 0o777).toBe(0o600);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'stops gateway, subgraphs and databases in this order on %s, with exit code 0',
    async (signal) => {
      const { child, ready, ended } = startDev([], { EVENTS_FILE: eventsFile() });
      await ready();
      // To the whole group, as Ctrl-C in a terminal.
      process.kill(-(child.pid ?? 0), signal);
      expect(await ended).toBe(0);
      expect(processesOf(project)).toEqual([]);
      const events = readEvents();
      expect(events.slice(2, 5)).toEqual(['gateway starts', 'gateway drains', 'gateway ends']);
      expect(events.slice(5).toSorted()).toEqual([
        'reviews drains',
        'reviews ends',
        'users drains',
        'users ends',
      ]);
    },
  );

  it('ends everything at once on a second Ctrl-C', async () => {
    const { child, ready, ended } = startDev([], { EVENTS_FILE: eventsFile(), GATEWAY_HANGS: 'true' });
    await ready();
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await vi.waitFor(() => expect(readEvents()).toContain('gateway drains'));
    // Not the same press passed on by npm once more, but one of an impatient user.
    await delay(600);
    process.kill(-(child.pid ?? 0), 'SIGINT');
    expect(await ended).toBe(130);
    await expectNothingLeft();
    expect(readEvents()).not.toContain('users drains');
  });

  it('takes a Ctrl-C that npm passes on once more for the same one', async () => {
    const { child, ready, ended } = startDev();
    await ready();
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect(await ended).toBe(0);
  });

  it('stops when the process that started it over IPC is gone', async () => {
    const child = fork(cli, ['dev'], {
      cwd: project,
      env: { ...process.env, TRIBUTARY_PORT_BASE: String(portBase) },
      silent: true,
    });
    started.push(child);
    const { stdout } = child;
    await vi.waitFor(() => expect(String(stdout?.read() ?? '')).toContain('Tributary is ready'), 20_000);
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(processesOf(project)).toEqual([]);
  });

  it('stops what it has begun when it is interrupted while starting', async () => {
    const { child, ended } = startDev();
    await vi.waitFor(() => expect(existsSync(join(project, '.data', 'postgres'))).toBe(true), 20_000);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(processesOf(project)).toEqual([]);
  });

  it('keeps data and keys over a restart, and begins anew with --reset', async () => {
    const first = startDev();
    await first.ready();
    await query('users', "create table notes as select 'kept' as text");
    const { env } = await ask('users');
    first.child.kill('SIGTERM');
    await first.ended;

    const second = startDev();
    await second.ready();
    expect(await query('users', 'select text from notes')).toEqual([{ text: 'kept' }]);
    expect((await ask('users')).env['JWT_PRIVATE_KEY']).toBe(env['JWT_PRIVATE_KEY']);
    second.child.kill('SIGTERM');
    await second.ended;

    await startDev(['--reset']).ready();
    expect(await query('users', "select to_regclass('notes') as found")).toEqual([{ found: null }]);
    expect((await ask('users')).env['JWT_PRIVATE_KEY']).not.toBe(env['JWT_PRIVATE_KEY']);
  });

  it('starts again after it was killed: the children end by themselves, PostgreSQL is taken over', async () => {
    const first = startDev();
    await first.ready();
    await query('users', "create table notes as select 'kept' as text");
    const { pid } = await ask('users');
    first.child.kill('SIGKILL');

    const second = startDev();
    await second.ready();
    expect(isAlive(pid)).toBe(false);
    expect(await query('users', 'select text from notes')).toEqual([{ text: 'kept' }]);
  });

  it('resets also after it was killed, with a PostgreSQL left over', async () => {
    const first = startDev();
    await first.ready();
    first.child.kill('SIGKILL');
    await startDev(['--reset']).ready();
    expect(await query('users', 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('starts a child that crashed again and says so', async () => {
    const { ready, said } = startDev();
    await ready();
    await fetch(`http://127.0.0.1:${ports.users}/crash`).catch(() => {});
    await said('users ended with exit code 3: it is started again in 0.25 s');
    await said(`users answers again at http://127.0.0.1:${ports.users}/graphql`);
    const { pid } = await ask('users');
    process.kill(pid, 'SIGKILL');
    await said('users was ended by SIGKILL: it is started again in 0.5 s');
    expect((await ask('reviews')).pid).toBeGreaterThan(0);
  });

  it('ends with the message of a child that does not start', async () => {
    const { ended, output } = startDev([], { USERS_FAILS: 'no such\nmigration' });
    expect(await ended).toBe(1);
    expect(output()).toContain('[users] users did not start: no such migration\n');
    expect(output()).toContain('users ended with exit code 1 before it was ready: nothing is left running\n');
    expect(processesOf(project)).toEqual([]);
  });

  it('names every busy port before it starts anything', async () => {
    const busy = createServer().listen(ports.reviews, '127.0.0.1');
    await once(busy, 'listening');
    const { ended, output } = startDev();
    const code = await ended;
    busy.close();
    expect([code, output()]).toEqual([
      1,
      `Port ${ports.reviews} (reviews) is in use: stop what listens there, or move all ports, for example with TRIBUTARY_PORT_BASE=14000\n`,
    ]);
    expect(existsSync(join(project, '.data', 'postgres'))).toBe(false);
  });

  it('refuses a second start in the same folder and leaves the first one alone', async () => {
    const first = startDev();
    await first.ready();
    const second = startDev();
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(
      `already runs in ${project}/.data as process ${first.child.pid}: stop that`,
    );
    expect((await ask('users')).pid).toBeGreaterThan(0);
  });

  it('starts no PostgreSQL when every subgraph has a database address', async () => {
    const { ready } = startDev([], {
      USERS_DATABASE_URL: 'postgres://one/users',
      REVIEWS_DATABASE_URL: 'postgres://two/reviews',
    });
    await ready();
    expect((await ask('users')).env['DATABASE_URL']).toBe('postgres://one/users');
    expect((await ask('reviews')).env['DATABASE_URL']).toBe('postgres://two/reviews');
    expect(processesOf(project).filter((line) => line.includes('postgres'))).toEqual([]);
    expect(existsSync(join(project, '.data', 'postgres'))).toBe(false);
  });

  it('embeds databases only for the subgraphs that have no address', async () => {
    await startDev([], { USERS_DATABASE_URL: 'postgres://one/users' }).ready();
    expect((await ask('users')).env['DATABASE_URL']).toBe('postgres://one/users');
    expect(await query('reviews', 'select count(*)::int from pg_database where datname = $$users$$')).toEqual(
      [{ count: 0 }],
    );
  });

  it('ends with every reason when the subgraphs do not compose', async () => {
    const file = join(project, 'subgraphs', 'users', 'schema.graphql');
    writeFileSync(
      file,
      `${readFileSync(file, 'utf8')}\ntype Review @key(fields: "id") { id: ID! text: Int }\n`,
    );
    const { ended, output } = startDev();
    expect(await ended).toBe(1);
    expect(output()).toContain('FIELD_TYPE_MISMATCH');
    expect(output()).not.toContain('    at ');
    expect(processesOf(project)).toEqual([]);
  });

  it('composes again when a schema file changes, and keeps the last good supergraph of a broken one', async () => {
    const { ready, said } = startDev();
    await ready();
    const file = join(project, 'subgraphs', 'users', 'schema.graphql');
    const supergraph = join(project, '.data', 'supergraph.graphql');
    const schema = readFileSync(file, 'utf8');
    writeFileSync(file, schema.replace('name: String', 'name: String\n  nickname: String'));
    await said('A schema changed: the new supergraph was composed in');
    expect(readFileSync(supergraph, 'utf8')).toContain('nickname');
    writeFileSync(file, schema.replace('name: String', 'name: Strin'));
    await said('A schema changed, but the last good supergraph stays in use. The subgraphs do not compose');
    expect(readFileSync(supergraph, 'utf8')).toContain('nickname');
  });

  it('says that a subgraph without a folder is expected elsewhere', async () => {
    const yaml = join(project, 'supergraph.yaml');
    const text = readFileSync(yaml, 'utf8').replace('http://127.0.0.1:4002', 'http://reviews.example:80');
    writeFileSync(yaml, text);
    const { ready, output } = startDev();
    await ready();
    expect(output()).toContain(
      'reviews is not started here: it is expected to run at http://reviews.example:80/graphql\n',
    );
  });

  it('lists every wrong setting and starts nothing', async () => {
    const { ended, output } = startDev([], { TRIBUTARY_PORT_BASE: 'x', USERS_DATABASE_URL: 'mysql://a' });
    expect([await ended, output()]).toEqual([
      1,
      'TRIBUTARY_PORT_BASE must be an integer from 1 to 65000, but got "x"; ' +
        'USERS_DATABASE_URL must be a URL that starts with postgres: or postgresql:, but got "mysql://a"\n',
    ]);
  });
});
