import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';

import { isAlive } from '@tributary/lifecycle/process-identity';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { makeDevProject, ports, type DevProject } from './dev-supervisor/dev-project.ts';

// dev-supervisor.long.test.ts has the rarer cases.

let project: DevProject;
beforeEach(() => {
  project = makeDevProject();
});
afterEach(() => project.remove());

describe('tributary dev', () => {
  it('starts databases, subgraphs and the gateway, and says where to ask what', async () => {
    const { ready, output } = project.start();
    await ready();
    expect(output()).toContain(`Tributary is ready: http://127.0.0.1:${ports.gateway}/graphql`);
    expect(output().match(/^(\{|mutation|query)/gm)).toHaveLength(3);
    expect(output()).not.toContain('everyday line');
    expect(readFileSync(project.file('.data', 'logs', 'users.log'), 'utf8')).toContain('everyday line');
    expect(await project.query('users', 'select current_database() as name')).toEqual([{ name: 'users' }]);
    expect(await project.query('reviews', 'select current_database() as name')).toEqual([
      { name: 'reviews' },
    ]);
  });

  it('gives each process the secrets that it needs and no others', async () => {
    await project.start().ready();
    const secrets = ['DATABASE_URL', 'IDENTITY_PRIVATE_KEY', 'IDENTITY_PUBLIC_KEY', 'JWT_PRIVATE_KEY'];
    const held = async (name: keyof typeof ports) => {
      const { env } = await project.ask(name);
      return secrets.filter((secret) => env[secret]);
    };
    expect(await held('gateway')).toEqual(['IDENTITY_PRIVATE_KEY']);
    expect(await held('users')).toEqual(['DATABASE_URL', 'IDENTITY_PUBLIC_KEY', 'JWT_PRIVATE_KEY']);
    expect(await held('reviews')).toEqual(['DATABASE_URL', 'IDENTITY_PUBLIC_KEY']);
    expect(statSync(project.file('.data', 'keys', 'identity.pem')).mode & 0o777).toBe(0o600);
  });

  it('stops what it has begun when it is interrupted while starting', async () => {
    const { child, ended } = project.start();
    await vi.waitFor(() => expect(existsSync(project.file('.data', 'postgres'))).toBe(true), 20_000);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(project.processes()).toEqual([]);
  });

  it('names every busy port before it starts anything', async () => {
    const busy = createServer().listen(ports.reviews, '127.0.0.1');
    await once(busy, 'listening');
    const { ended, output } = project.start();
    const code = await ended;
    busy.close();
    expect([code, output()]).toEqual([
      1,
      `Port ${ports.reviews} (reviews) is in use: stop what listens there, or move all ports, for example with TRIBUTARY_PORT_BASE=14000\n`,
    ]);
    expect(existsSync(project.file('.data', 'postgres'))).toBe(false);
  });

  it('gives everybody the same event log', async () => {
    const { ready } = project.start();
    await ready();
    const asked = await Promise.all(
      (['gateway', 'users', 'reviews'] as const).map((name) => project.ask(name)),
    );
    const [url] = asked.map(({ env }) => env['EVENTS_URL']);
    expect(url).toMatch(/^postgres:.*\/event_log$/);
    expect(asked.map(({ env }) => env['EVENTS_URL'])).toEqual([url, url, url]);
  });

  it('starts no PostgreSQL when every subgraph has a database address, and events have one', async () => {
    const { ready } = project.start([], {
      USERS_DATABASE_URL: 'postgres://one/users',
      REVIEWS_DATABASE_URL: 'postgres://two/reviews',
      REDIS_URL: 'redis://three',
    });
    await ready();
    expect((await project.ask('users')).env['DATABASE_URL']).toBe('postgres://one/users');
    expect((await project.ask('reviews')).env['DATABASE_URL']).toBe('postgres://two/reviews');
    expect((await project.ask('gateway')).env).toMatchObject({ REDIS_URL: 'redis://three' });
    expect((await project.ask('gateway')).env).not.toHaveProperty('EVENTS_URL');
    expect(project.processes().filter((line) => line.includes('postgres'))).toEqual([]);
    expect(existsSync(project.file('.data', 'postgres'))).toBe(false);
  });

  it('lists every wrong setting and starts nothing', async () => {
    const { ended, output } = project.start([], {
      TRIBUTARY_PORT_BASE: 'x',
      USERS_DATABASE_URL: 'mysql://a',
    });
    expect([await ended, output()]).toEqual([
      1,
      'TRIBUTARY_PORT_BASE must be an integer from 1 to 65000, but got "x"; ' +
        'USERS_DATABASE_URL must be a URL that starts with postgres: or postgresql:, but got "mysql://a"\n',
    ]);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'stops gateway, subgraphs and databases in this order on %s, with exit code 0',
    async (signal) => {
      const { child, ready, ended } = project.start();
      await ready();
      // To the whole group, as Ctrl-C in a terminal.
      process.kill(-(child.pid ?? 0), signal);
      expect(await ended).toBe(0);
      expect(project.processes()).toEqual([]);
      const events = project.events();
      expect(events.slice(2, 5)).toEqual(['gateway starts', 'gateway drains', 'gateway ends']);
      expect(events.slice(5).toSorted()).toEqual([
        'reviews drains',
        'reviews ends',
        'users drains',
        'users ends',
      ]);
    },
  );

  it('keeps data and keys over a restart, and begins anew with --reset', async () => {
    const first = project.start();
    await first.ready();
    await project.query('users', "create table notes as select 'kept' as text");
    const { env } = await project.ask('users');
    first.child.kill('SIGTERM');
    await first.ended;

    const second = project.start();
    await second.ready();
    expect(await project.query('users', 'select text from notes')).toEqual([{ text: 'kept' }]);
    expect((await project.ask('users')).env['JWT_PRIVATE_KEY']).toBe(env['JWT_PRIVATE_KEY']);
    second.child.kill('SIGTERM');
    await second.ended;

    await project.start(['--reset']).ready();
    expect(await project.query('users', "select to_regclass('notes') as found")).toEqual([{ found: null }]);
    expect((await project.ask('users')).env['JWT_PRIVATE_KEY']).not.toBe(env['JWT_PRIVATE_KEY']);
  });

  it('starts again after it was killed: the children end by themselves, PostgreSQL is taken over', async () => {
    const first = project.start();
    await first.ready();
    await project.query('users', "create table notes as select 'kept' as text");
    const { pid } = await project.ask('users');
    first.child.kill('SIGKILL');

    const second = project.start();
    await second.ready();
    expect(isAlive(pid)).toBe(false);
    expect(await project.query('users', 'select text from notes')).toEqual([{ text: 'kept' }]);
  });

  it('starts a child that crashed again and says so', async () => {
    const { ready, said } = project.start();
    await ready();
    await fetch(`http://127.0.0.1:${ports.users}/crash`).catch(() => {});
    await said('users ended with exit code 3: it is started again in 0.25 s');
    await said(`users answers again at http://127.0.0.1:${ports.users}/graphql`);
    const { pid } = await project.ask('users');
    process.kill(pid, 'SIGKILL');
    await said('users was ended by SIGKILL: it is started again in 0.5 s');
    expect((await project.ask('reviews')).pid).toBeGreaterThan(0);
  });

  it('ends with the message of a child that does not start', async () => {
    const { ended, output } = project.start([], { USERS_FAILS: 'no such\nmigration' });
    expect(await ended).toBe(1);
    expect(output()).toContain('[users] users did not start: no such migration\n');
    expect(output()).toContain('users ended with exit code 1 before it was ready: nothing is left running\n');
    expect(project.processes()).toEqual([]);
  });

  it('composes again when a schema file changes, and keeps the last good supergraph of a broken one', async () => {
    const { ready, said } = project.start();
    await ready();
    const file = project.file('subgraphs', 'users', 'schema.graphql');
    const supergraph = project.file('.data', 'supergraph.graphql');
    const schema = readFileSync(file, 'utf8');
    writeFileSync(file, schema.replace('name: String', 'name: String\n  nickname: String'));
    await said('A schema changed: the new supergraph was composed in');
    expect(readFileSync(supergraph, 'utf8')).toContain('nickname');
    writeFileSync(file, schema.replace('name: String', 'name: Strin'));
    await said('A schema changed, but the last good supergraph stays in use. The subgraphs do not compose');
    expect(readFileSync(supergraph, 'utf8')).toContain('nickname');
  });
});
