import { readFileSync } from 'node:fs';

import { startComments } from '@tributary/comments';
import { readConfig as readCommentsConfig } from '@tributary/comments/config';
import type { EmbeddedPostgres } from '@tributary/embedded-postgres';
import { startPosts } from '@tributary/posts';
import { readConfig as readPostsConfig } from '@tributary/posts/config';
import type { RunningSubgraph } from '@tributary/subgraph-kit';
import {
  compareAnswers,
  describeDifferences,
  describeOperation,
  randomOperation,
  startTestPostgres,
  type RandomOperation,
} from '@tributary/testkit';
import { sample } from 'fast-check';
import { buildSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { idsTo, startTestSubgraph, type TestSubgraph } from '../support/start-test-subgraph.ts';
import { startTestUsers } from '../support/start-test-users.ts';

/** More than once, since only what comes again is compiled. */
const timesUntilCompiled = 4;
const operations = 60;
const seed = 20260131;

const names = ['users', 'posts', 'comments'] as const;
type Name = (typeof names)[number];

const values = { ID: ['1', '2', '50', 'nobody'], DateTime: ['2026-01-02T00:00:00Z'] };

let postgres: EmbeddedPostgres;
const started: RunningSubgraph[] = [];

beforeAll(async () => {
  postgres = await startTestPostgres(names);
});

afterAll(async () => {
  for (const subgraph of started) await subgraph.stop();
  await postgres?.stop();
});

const starters: Readonly<Record<Name, (env: Readonly<Record<string, string>>) => Promise<TestSubgraph>>> = {
  users: (env) => startTestUsers(postgres.url('users'), env),
  posts: (env) => startTestSubgraph(startPosts, readPostsConfig, env),
  comments: (env) => startTestSubgraph(startComments, readCommentsConfig, env),
};

async function start(name: Name, execution: string): Promise<TestSubgraph> {
  const subgraph = await starters[name]({
    DATABASE_URL: postgres.url(name),
    DATABASE_POOL_SIZE: '5',
    SEED: 'jsonplaceholder',
    EXECUTION: execution,
  });
  started.push(subgraph);
  return subgraph;
}

/** Federation's own directives are not declared where the teams write. */
const schemaOf = (name: Name) =>
  buildSchema(readFileSync(new URL(`../../subgraphs/${name}/schema.graphql`, import.meta.url), 'utf8'), {
    assumeValidSDL: true,
  });

describe.each(names)('%s answers alike, compiled and interpreted,', (name) => {
  let compiled: TestSubgraph;
  let interpreted: TestSubgraph;
  beforeAll(async () => {
    interpreted = await start(name, 'interpreted');
    compiled = await start(name, 'compiled');
  });

  it(`${operations} operations made by chance (seed ${seed})`, async () => {
    const schema = schemaOf(name);
    const all = sample(randomOperation(schema, { values, maxItems: 60 }), { numRuns: operations, seed });
    for (const operation of all) {
      const expected = await ask(interpreted, operation);
      let actual = expected;
      for (let time = 0; time < timesUntilCompiled; time += 1) actual = await ask(compiled, operation);
      // Where a field is selected in several places, the compiler puts it elsewhere; no gateway looks at that.
      const differences = compareAnswers(actual, expected).filter(({ kind }) => kind !== 'order');
      expect(
        differences.length === 0 ? '' : describeOperation(operation) + describeDifferences(differences),
      ).toBe('');
      expect(codesOf(actual)).toEqual(codesOf(expected));
    }
  });

  it('entities, those that are not there and those without a key among them', async () => {
    const types = { users: 'User', posts: 'Post', comments: 'Comment' } as const;
    const type = types[name];
    const representations = [...idsTo(30), 'nobody'].map((id) => ({ __typename: type, id }));
    const wrong = [{ __typename: type }, { __typename: 'Nothing', id: '1' }];
    for (const asked of [representations, [...representations, ...wrong.slice(0, 1)], wrong]) {
      const selection = `__typename ... on ${type} { id createdAt }`;
      const expected = await interpreted.entities(asked, selection);
      for (let time = 0; time < timesUntilCompiled; time += 1) {
        const actual = await compiled.entities(asked, selection);
        expect(withoutDebug(actual)).toEqual(withoutDebug(expected));
        expect(actual.statements).toEqual(expected.statements);
      }
    }
  });
});

const ask = (subgraph: TestSubgraph, { query, variables }: RandomOperation) =>
  subgraph.ask(query, { variables, as: { userId: '1' } });

type Answer = Awaited<ReturnType<typeof ask>>;

const codesOf = ({ errors = [] }: Answer) =>
  errors.map(({ extensions }) => String(extensions?.['code'])).toSorted();

/** Stacks lead through different programs. */
const withoutDebug = ({
  data,
  errors,
  status,
}: {
  data?: unknown;
  errors?: Answer['errors'];
  status: number;
}) => ({
  data,
  status,
  errors: errors?.map(({ message, path, locations, extensions }) => ({
    message,
    path,
    locations,
    code: extensions?.['code'],
  })),
});
