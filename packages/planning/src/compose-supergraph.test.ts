import { describe, expect, it } from 'vitest';

import { composeInWorker } from './compose-in-worker.ts';
import { composeSupergraph, type SubgraphDefinition } from './compose-supergraph.ts';
import { CompositionError, describeProblems, expectSupergraph } from './composition-error.ts';

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"])';

const subgraph = (name: string, sdl: string): SubgraphDefinition => ({
  name,
  url: `http://${name}.test/graphql`,
  sdl: `${link}\n${sdl}`,
});

const users = subgraph(
  'users',
  'type User @key(fields: "id") { id: ID! name: String }\ntype Query { me: User }',
);
const posts = subgraph('posts', 'type User @key(fields: "id") { id: ID! postCount: Int }');

describe('composeSupergraph', () => {
  it('gives a supergraph that names each subgraph and its address', () => {
    const { supergraphSdl } = expectSupergraph(composeSupergraph([users, posts]));
    expect(supergraphSdl).toContain('USERS @join__graph(name: "users", url: "http://users.test/graphql")');
    expect(supergraphSdl).toContain('postCount: Int @join__field(graph: POSTS)');
  });

  it('gives the same supergraph whatever the order of the subgraphs', () => {
    expect(composeSupergraph([posts, users]).supergraphSdl).toBe(
      composeSupergraph([users, posts]).supergraphSdl,
    );
  });

  it('lists every error with its code and its places in each subgraph', () => {
    const broken = subgraph('posts', 'type User @key(fields: "id") { id: Int! name: Int }');
    const { errors } = composeSupergraph([users, broken]);
    expect(errors?.map(({ code }) => code)).toEqual([
      'FIELD_TYPE_MISMATCH',
      'FIELD_TYPE_MISMATCH',
      'INVALID_FIELD_SHARING',
    ]);
    expect(errors?.[0]).toEqual({
      code: 'FIELD_TYPE_MISMATCH',
      message:
        'Type of field "User.id" is incompatible across subgraphs: ' +
        'it has type "Int!" in subgraph "posts" but type "ID!" in subgraph "users"',
      locations: [
        { subgraph: 'posts', line: 2, column: 32, endLine: 2, endColumn: 40 },
        { subgraph: 'users', line: 2, column: 32, endLine: 2, endColumn: 39 },
      ],
    });
  });

  it('lists the syntax errors of all subgraphs at once', () => {
    const { errors } = composeSupergraph([
      { ...users, sdl: 'type {' },
      { ...posts, sdl: 'type Query {\n  me: \n}' },
    ]);
    expect(errors).toEqual([
      {
        code: 'INVALID_GRAPHQL',
        message: '[users] Syntax Error: Expected Name, found "{".',
        locations: [{ subgraph: 'users', line: 1, column: 6, endLine: 1, endColumn: 6 }],
      },
      {
        code: 'INVALID_GRAPHQL',
        message: '[posts] Syntax Error: Expected Name, found "}".',
        locations: [{ subgraph: 'posts', line: 3, column: 1, endLine: 3, endColumn: 1 }],
      },
    ]);
  });

  it('refuses two subgraphs of one name, and none at all', () => {
    expect(composeSupergraph([users, users]).errors).toEqual([
      {
        code: 'INVALID_SUBGRAPH_NAME',
        message: 'Expected subgraphs with different names, but got "users" 2 times',
        locations: [],
      },
    ]);
    expect(composeSupergraph([]).errors?.[0].message).toBe('Expected at least one subgraph, but got none');
  });

  it('passes on what the composer remarks', () => {
    const documented = subgraph('posts', '"Who writes" type User @key(fields: "id") { id: ID! }');
    const other = subgraph(
      'users',
      '"A person" type User @key(fields: "id") { id: ID! } type Query { me: User }',
    );
    const { hints } = expectSupergraph(composeSupergraph([documented, other]));
    expect(hints).toEqual([
      expect.objectContaining({
        code: 'INCONSISTENT_DESCRIPTION',
        level: 'WARN',
        message: expect.any(String),
      }),
    ]);
  });
});

describe('composition errors for people', () => {
  it('says how many reasons there are, each with code and places', () => {
    const problem = { line: 3, column: 5, endLine: 3, endColumn: 9 };
    const report = describeProblems([
      { code: 'A', message: 'One', locations: [{ subgraph: 'users', ...problem }, problem] },
      { code: 'B', message: 'Two', locations: [] },
    ]);
    expect(report).toBe(`The subgraphs do not compose, for 2 reasons:

A  One
  at users:3:5, supergraph:3:5

B  Two`);
  });

  it('throws them where a supergraph is needed', () => {
    expect(() => expectSupergraph(composeSupergraph([]))).toThrow(CompositionError);
  });
});

describe('composeInWorker', () => {
  it('gives what composeSupergraph gives', async () => {
    expect(await composeInWorker([users, posts])).toEqual(composeSupergraph([users, posts]));
  });

  it('composes a chain of types that overflows the stack of the main thread', async () => {
    const length = 4000;
    const chain = Array.from(
      { length },
      (_, index) => `type T${index} @key(fields: "id") { id: ID! next: T${(index + 1) % length} }`,
    );
    const long = subgraph('long', [...chain, 'type Query { t: T0 }'].join('\n'));
    expect(() => composeSupergraph([long])).toThrow(RangeError);
    expect((await composeInWorker([long])).errors).toBeUndefined();
  }, 60_000);
});
