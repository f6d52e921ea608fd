import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { makeTestFolder, postGraphQL, type GraphQLAnswer } from '@tributary/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { startCommand, type RunningCommand } from '../support/fresh-clone.ts';
import { portBase } from '../support/port-base.ts';

/* The whole system as `npm start` runs it, with processes killed outright under it. */

const endpoint = `http://127.0.0.1:${portBase}/graphql`;
const query = '{ posts(first: 2) { edges { node { id title author { name } commentCount } } } }';

let folder: string;
let system: RunningCommand;

beforeAll(async () => {
  folder = makeTestFolder('chaos');
  system = startCommand('node cli/src/main.ts dev', process.cwd(), {
    ...process.env,
    TRIBUTARY_PORT_BASE: String(portBase),
    TRIBUTARY_DATA: join(folder, 'data'),
  });
  await system.line(/Tributary is ready/);
});
afterAll(async () => {
  await system.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Ends the process that listens at a port as an operating system does that has run out of memory. */
const killListener = (port: number): void => {
  const pid = execFileSync(
    'sh',
    ['-c', `ss -ltnpH 'sport = :${port}' | sed -n 's/.*pid=\\([0-9]*\\).*/\\1/p'`],
    { encoding: 'utf8' },
  );
  process.kill(Number(pid.trim()), 'SIGKILL');
};

const whole = {
  posts: {
    edges: [
      {
        node: {
          id: '100',
          title: 'at nam consequatur ea labore ea harum',
          author: { name: 'Clementina DuBuque' },
          commentCount: 5,
        },
      },
      {
        node: {
          id: '99',
          title: 'temporibus sit alias delectus eligendi possimus magni',
          author: { name: 'Clementina DuBuque' },
          commentCount: 5,
        },
      },
    ],
  },
};

/** Asks again and again until an answer fits; each answer on the way must be one that a client can use. */
const askUntil = async (fits: (answer: GraphQLAnswer) => boolean): Promise<GraphQLAnswer> => {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await postGraphQL(endpoint, { query });
    if (fits(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`The last answer was ${JSON.stringify(answer)}`);
  }
};

it('serves what the others know while comments is dead, and all again after it came back', async () => {
  expect((await postGraphQL(endpoint, { query })).data).toEqual(whole);
  killListener(portBase + 3);
  const without = await askUntil(({ errors }) => errors !== undefined);
  expect(without.status).toBe(200);
  expect(without.data).toEqual({
    posts: { edges: whole.posts.edges.map(({ node }) => ({ node: { ...node, commentCount: null } })) },
  });
  expect(without.errors?.map(({ path, extensions }) => [path, extensions?.['code']])).toEqual([
    [['posts', 'edges', 0, 'node', 'commentCount'], 'SUBGRAPH_UNAVAILABLE'],
    [['posts', 'edges', 1, 'node', 'commentCount'], 'SUBGRAPH_UNAVAILABLE'],
  ]);
  const back = await askUntil(({ errors }) => errors === undefined);
  expect(back.data).toEqual(whole);
  await system.line(/comments .*again/);
});

it('starts the gateway again', async () => {
  killListener(portBase);
  await system.line(/gateway .*again/);
  await expect
    .poll(
      async () => (await fetch(endpoint.replace('/graphql', '/health/ready')).catch(() => undefined))?.status,
      { timeout: 30_000 },
    )
    .toBe(200);
  expect((await postGraphQL(endpoint, { query })).data).toEqual(whole);
});

it('answers with a coded error while the databases are dead, and whole when they are back', async () => {
  const pid = execFileSync('sh', ['-c', `head -1 ${join(folder, 'data/postgres/data/postmaster.pid')}`], {
    encoding: 'utf8',
  });
  process.kill(Number(pid), 'SIGKILL');
  const without = await askUntil(({ errors }) => errors !== undefined);
  expect(without.errors?.[0]?.extensions).toMatchObject({ code: 'DATABASE_ERROR', retryable: true });
  expect(JSON.stringify(without)).not.toMatch(/postgres|ECONN|select/i);
  await system.line(/PostgreSQL answers again/);
  expect((await askUntil(({ errors }) => errors === undefined)).data).toEqual(whole);
});
