import { rename, writeFile } from 'node:fs/promises';

import { composeSupergraph, expectSupergraph } from '@tributary/planning';
import type { MemorySupergraph } from '@tributary/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { holdAnswer } from '../support/hold-answer.ts';
import { startSmallSupergraph } from '../support/small-supergraph.ts';
import { startTestGateway, type TestGateway } from '../support/start-test-gateway.ts';

let supergraph: MemorySupergraph;
let gateway: TestGateway;

beforeEach(async () => {
  supergraph = await startSmallSupergraph();
  gateway = await startTestGateway(supergraph);
});
afterEach(async () => {
  await gateway.stop();
  await supergraph.stop();
});

/** The same two subgraphs, users with another field. */
const withNickname = () => {
  const { name, url, sdl } = supergraph.subgraph('users');
  const users = { name, url, sdl: sdl.replace('name: String\n', 'name: String\n nickname: String\n') };
  return expectSupergraph(composeSupergraph([users, supergraph.subgraph('posts')])).supergraphSdl;
};

const logged = (msg: string | RegExp, by: TestGateway = gateway) =>
  expect
    .poll(() => by.log.map((line) => line.msg), { timeout: 10_000 })
    .toContainEqual(typeof msg === 'string' ? msg : expect.stringMatching(msg));

describe('a changed supergraph', () => {
  it('is taken up without a restart, when the file is written or replaced', async () => {
    expect((await gateway.query('{ me { nickname } }')).body.errors?.[0]?.extensions['code']).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    );
    await writeFile(supergraph.file, withNickname());
    await logged('a new supergraph is in service');
    // The subgraph itself does not know the field yet: that it is asked shows that the gateway does.
    expect((await gateway.query('{ me { nickname } }')).body.data).toEqual({ me: null });

    await writeFile(`${supergraph.file}.new`, supergraph.sdl);
    await rename(`${supergraph.file}.new`, supergraph.file);
    await expect
      .poll(async () => (await gateway.query('{ me { nickname } }')).body.data, { timeout: 10_000 })
      .toBeUndefined();
  });

  it('lets requests finish on the one that they began with', async () => {
    const arrived = holdAnswer(supergraph.subgraph('posts'), {
      posts: [{ title: 'Late', author: { __typename: 'User', id: 'u1' } }],
    });
    const answer = gateway.query('{ posts { title author { name } } }');
    const finish = await arrived;
    const { name, url } = supergraph.subgraph('posts');
    const alone = { name, url, sdl: 'type Query { now: String }' };
    await writeFile(supergraph.file, expectSupergraph(composeSupergraph([alone])).supergraphSdl);
    await gateway.reload();
    expect((await gateway.query('{ me { name } }')).body.data).toBeUndefined();
    finish();
    expect((await answer).body).toEqual({ data: { posts: [{ title: 'Late', author: { name: 'Ada' } }] } });
  });

  it('changes nothing when it cannot be served, and says why', async () => {
    await writeFile(supergraph.file, 'type Query {');
    await logged(/supergraph\.graphql" cannot be served: Syntax Error.*; the one before stays in service$/);
    expect((await gateway.query('{ me { name } }')).body.data).toEqual({ me: { name: 'Ada' } });
    const broken = supergraph.sdl.replace('name: String', 'name: Missing');
    await writeFile(supergraph.file, broken);
    await logged(/cannot be served: .*Missing/);
    expect((await gateway.query('{ me { name } }')).body.data).toEqual({ me: { name: 'Ada' } });
  });
});

it('asks subgraphs where the environment says that they are', async () => {
  const elsewhere = await startTestGateway(supergraph, {
    SUBGRAPH_URLS: `users=${supergraph.subgraph('posts').url},usres=http://127.0.0.1:9`,
  });
  await elsewhere.query('{ me { name } }');
  expect(supergraph.subgraph('posts').requests.at(-1)?.query).toContain('me');
  await logged('SUBGRAPH_URLS names "usres", which the supergraph does not have', elsewhere);
  await elsewhere.stop();
});

describe('a first supergraph', () => {
  it.each([
    ['type Query {', 'Syntax Error: Expected Name, found <EOF>.'],
    ['type Query { a: Int }', 'expected a composed schema, but it has no enum join__Graph'],
    [
      'enum join__Graph { A @join__graph(name: "a", url: "") }',
      'expected an http or https URL for subgraph "a", but got ""',
    ],
    [
      'enum join__Graph { A @join__graph(name: "a", url: "http://a") } type Query { a: Int }',
      'The schema is not a valid GraphQL schema',
    ],
  ])('that cannot be served stops the start: %s', async (sdl, reason) => {
    await writeFile(supergraph.file, sdl);
    await expect(startTestGateway(supergraph)).rejects.toMatchObject({
      message: expect.stringContaining(`The supergraph "${supergraph.file}" cannot be served: ${reason}`),
      code: 'SCHEMA_INVALID',
    });
  });

  it('that is not there stops the start', async () => {
    await expect(startTestGateway({ file: '/no/such.graphql' })).rejects.toThrow(
      'The supergraph "/no/such.graphql" cannot be served: expected a readable file, but got ENOENT',
    );
    await expect(startTestGateway({ file: 'https://registry.example/graph' })).rejects.toThrow(
      'expected SUPERGRAPH to be a path or a file: URL',
    );
  });
});
