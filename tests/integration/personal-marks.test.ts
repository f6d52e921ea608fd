import { readFile } from 'node:fs/promises';

import { startComments } from '@tributary/comments';
import { readConfig as readCommentsConfig } from '@tributary/comments/config';
import type { EmbeddedPostgres } from '@tributary/embedded-postgres';
import { startPosts } from '@tributary/posts';
import { readConfig as readPostsConfig } from '@tributary/posts/config';
import { startTestPostgres } from '@tributary/testkit';
import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createIdentityRule } from '../../gateway/src/authorization/create-identity-rule.ts';
import { everyPath } from '../support/every-path.ts';
import { startTestSubgraph, type TestSubgraph } from '../support/start-test-subgraph.ts';
import { startTestUsers } from '../support/start-test-users.ts';

const names = ['users', 'posts', 'comments'] as const;
type Name = (typeof names)[number];

let postgres: EmbeddedPostgres;
let subgraphs: Record<Name, TestSubgraph>;
beforeAll(async () => {
  postgres = await startTestPostgres(names);
  const settings = (name: Name) => ({ DATABASE_URL: postgres.url(name), SEED: 'jsonplaceholder' });
  subgraphs = {
    users: await startTestUsers(postgres.url('users')),
    posts: await startTestSubgraph(startPosts, readPostsConfig, settings('posts')),
    comments: await startTestSubgraph(startComments, readCommentsConfig, settings('comments')),
  };
});
afterAll(async () => {
  await Promise.all(Object.values(subgraphs ?? {}).map((subgraph) => subgraph.stop()));
  await postgres?.stop();
});

const read = (file: string) => readFile(new URL(`../../${file}`, import.meta.url), 'utf8');

/** Every path into a subgraph that the gateway would ask for without identity, and what comes of it. */
async function askWithoutIdentity(name: Name, supergraphSdl: string) {
  const carriesIdentity = createIdentityRule({ document: parse(supergraphSdl) });
  const values = { id: '"1"', text: '"qui"' };
  const paths = everyPath(parse(await read(`subgraphs/${name}/schema.graphql`)), { values, depth: 4 });
  const [personal, open] = [true, false].map((isPersonal) =>
    paths.filter(({ query }) => carriesIdentity(name, parse(query)) === isPersonal),
  );
  const answers = await Promise.all(
    (open ?? []).map(async ({ path, query, variables }) => ({
      path,
      errors: (await subgraphs[name].ask(query, { variables })).errors ?? [],
    })),
  );
  return {
    personal: (personal ?? []).map(({ path }) => path),
    answers,
    failed: answers.filter(({ errors }) => errors.length > 0).map(({ path }) => path),
  };
}

describe.each<[Name, readonly string[]]>([
  [
    'users',
    [
      'Query.me',
      'Query.notifications',
      'Query.unreadNotificationCount',
      'User.email',
      'User.birthday',
      'User.preferences',
      'Notification.',
    ],
  ],
  ['posts', ['Query.drafts']],
  ['comments', []],
])('%s', (name, marked) => {
  it('reads the caller for nothing but what is marked', async () => {
    const { answers, failed, personal } = await askWithoutIdentity(name, await read('supergraph.graphql'));
    expect(answers.length).toBeGreaterThan(10);
    expect(failed).toEqual([]);
    expect(personal.filter((path) => !marked.some((coordinate) => path.includes(coordinate)))).toEqual([]);
    for (const coordinate of marked) expect(personal.join()).toContain(coordinate);
  });
});

it.each<[Name, string]>([
  ['users', 'me: User'],
  ['users', 'notifications(first: Int = 20'],
  ['users', 'unreadNotificationCount: Int'],
  ['users', 'email: EmailAddress'],
  ['posts', 'drafts(first: Int = 20'],
])('notices when %s has lost the mark of %s', async (name, field) => {
  const supergraph = await read('supergraph.graphql');
  const forgotten = supergraph.replaceAll(/^.*$/gm, (line) =>
    line.trimStart().startsWith(field) ? line.replace(' @personal', '') : line,
  );
  expect(forgotten).not.toBe(supergraph);
  const { failed } = await askWithoutIdentity(name, forgotten);
  expect(failed.join()).toContain(field.split(/\W/)[0]);
});
