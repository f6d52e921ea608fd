import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { makeDevProject, ports, type DevProject } from './dev-supervisor/dev-project.ts';

let project: DevProject;
beforeEach(() => {
  project = makeDevProject();
});
afterEach(() => project.remove());

// The everyday cases are in dev-supervisor.test.ts.
describe('tributary dev', { timeout: 60_000 }, () => {
  it('composes the supergraph with the addresses of this start', async () => {
    await project.start().ready();
    const { env } = await project.ask('gateway');
    const supergraph = readFileSync(env['SUPERGRAPH'] ?? '', 'utf8');
    expect(supergraph).toContain(`url: "http://127.0.0.1:${ports.users}/graphql"`);
    expect(env['JWT_JWKS_URL']).toBe(`http://127.0.0.1:${ports.users}/.well-known/jwks.json`);
  });

  it('ends everything at once on a second Ctrl-C', async () => {
    const { child, ready, ended } = project.start([], { GATEWAY_HANGS: 'true' });
    await ready();
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await vi.waitFor(() => expect(project.events()).toContain('gateway drains'));
    // Not the same press passed on by npm once more, but one of an impatient user.
    await delay(600);
    process.kill(-(child.pid ?? 0), 'SIGINT');
    expect(await ended).toBe(130);
    await project.emptied();
    expect(project.events()).not.toContain('users drains');
  });

  it('takes a Ctrl-C that npm passes on once more for the same one', async () => {
    const { child, ready, ended } = project.start();
    await ready();
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect(await ended).toBe(0);
  });

  it('stops when the process that started it over IPC is gone', async () => {
    const { child, ready, ended } = project.startOverIpc();
    await ready();
    child.disconnect();
    expect(await ended).toBe(0);
    expect(project.processes()).toEqual([]);
  });

  it('resets also after it was killed, with a PostgreSQL left over', async () => {
    const first = project.start();
    await first.ready();
    first.child.kill('SIGKILL');
    await project.start(['--reset']).ready();
    expect(await project.query('users', 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('refuses a second start in the same folder and leaves the first one alone', async () => {
    const first = project.start();
    await first.ready();
    const second = project.start();
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(
      `already runs in ${project.folder}/.data as process ${first.child.pid}: stop that`,
    );
    expect((await project.ask('users')).pid).toBeGreaterThan(0);
  });

  it('embeds databases only for the subgraphs that have no address', async () => {
    await project.start([], { USERS_DATABASE_URL: 'postgres://one/users' }).ready();
    expect((await project.ask('users')).env['DATABASE_URL']).toBe('postgres://one/users');
    expect(
      await project.query('reviews', 'select count(*)::int from pg_database where datname = $$users$$'),
    ).toEqual([{ count: 0 }]);
  });

  it('ends with every reason when the subgraphs do not compose', async () => {
    const file = project.file('subgraphs', 'users', 'schema.graphql');
    writeFileSync(
      file,
      `${readFileSync(file, 'utf8')}\ntype Review @key(fields: "id") { id: ID! text: Int }\n`,
    );
    const { ended, output } = project.start();
    expect(await ended).toBe(1);
    expect(output()).toContain('FIELD_TYPE_MISMATCH');
    expect(output()).not.toContain('    at ');
    expect(project.processes()).toEqual([]);
  });

  it('says that a subgraph without a folder is expected elsewhere', async () => {
    const yaml = project.file('supergraph.yaml');
    const text = readFileSync(yaml, 'utf8').replace('http://127.0.0.1:4002', 'http://reviews.example:80');
    writeFileSync(yaml, text);
    const { ready, output } = project.start();
    await ready();
    expect(output()).toContain(
      'reviews is not started here: it is expected to run at http://reviews.example:80/graphql\n',
    );
  });
});
