import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { loadSubgraphs } from './load-subgraphs.ts';
import { readSupergraphConfig, SupergraphConfigError } from './read-supergraph-config.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-supergraph-'));
  file = join(folder, 'supergraph.yaml');
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (yaml: string, env: NodeJS.ProcessEnv | null = {}) => {
  writeFileSync(file, yaml);
  return readSupergraphConfig(file, { env });
};

const problemsOf = async (yaml: string): Promise<readonly string[]> => {
  const error = await read(yaml).catch((thrown: unknown) => thrown);
  return error instanceof SupergraphConfigError ? error.problems : [`no problem, but ${String(error)}`];
};

describe('readSupergraphConfig', () => {
  it('reads each way to name a schema; files are relative to the YAML', async () => {
    const { subgraphs } = await read(`
federation_version: =2.14.4
subgraphs:
  users:
    routing_url: http://127.0.0.1:4001/graphql
    schema: { file: ./users/schema.graphql }
  posts:
    schema:
      subgraph_url: http://127.0.0.1:4002/graphql
      introspection_headers: { authorization: Bearer x }
  comments:
    routing_url: http://127.0.0.1:4003/graphql
    schema:
      sdl: |
        type Query { comments: Int }
`);
    expect(subgraphs).toEqual([
      {
        name: 'users',
        routingUrl: 'http://127.0.0.1:4001/graphql',
        schema: { kind: 'file', file: join(folder, 'users/schema.graphql') },
      },
      {
        name: 'posts',
        routingUrl: 'http://127.0.0.1:4002/graphql',
        schema: { kind: 'url', url: 'http://127.0.0.1:4002/graphql', headers: { authorization: 'Bearer x' } },
      },
      {
        name: 'comments',
        routingUrl: 'http://127.0.0.1:4003/graphql',
        schema: { kind: 'sdl', sdl: 'type Query { comments: Int }\n' },
      },
    ]);
  });

  const withVariable =
    'subgraphs: { a: { routing_url: "http://${env.HOST}/", schema: { file: a.graphql } } }';

  it('fills in variables of the environment as rover does', async () => {
    const { subgraphs } = await read(withVariable, { HOST: 'a.test' });
    expect(subgraphs[0]?.routingUrl).toBe('http://a.test/');
  });

  it('names a variable that is not set', async () => {
    expect(await problemsOf(withVariable)).toEqual([
      'subgraphs.a.routing_url names the variable HOST, which is not set',
    ]);
  });

  it('leaves variables alone in a file that rover has expanded', async () => {
    const { subgraphs } = await read(
      'subgraphs: { a: { routing_url: "http://a/", schema: { sdl: "${env.X}" } } }',
      null,
    );
    expect(subgraphs[0]?.schema).toEqual({ kind: 'sdl', sdl: '${env.X}' });
  });

  it('lists every problem, each with what was expected and what came', async () => {
    const problems = await problemsOf(`
federation_version: =2.9.0
subgraphs:
  a: 7
  b: { routing_url: nowhere, schema: { file: b.graphql } }
  c: { schema: { sdl: "type Query { c: Int }" } }
  d: { routing_url: http://d.test, schema: { graphref: x@y } }
  e: { routing_url: http://e.test, schema: { file: e.graphql, sdl: "type E" } }
  f: { routing_url: http://f.test }
  g: { routing_url: http://g.test, schema: { file: [1] } }
`);
    expect(problems).toEqual([
      'federation_version must be "=2.14.4" (the composer installed here) or 2, but got "=2.9.0"',
      'subgraphs.a must be a mapping, but got 7',
      'subgraphs.b.routing_url must be a URL, but got "nowhere"',
      'subgraphs.c.routing_url is missing',
      'subgraphs.d.schema must have one of file, subgraph_url or sdl, but got graphref',
      'subgraphs.e.schema must have one of file, subgraph_url or sdl, but got file, sdl',
      'subgraphs.f.schema is missing',
      'subgraphs.g.schema.file must be text, but got [1]',
    ]);
  });

  it.each([
    ['an empty file', '', ['the file must be a mapping, but got null']],
    ['no subgraphs', 'federation_version: 2', ['subgraphs is missing']],
    ['an empty list of them', 'subgraphs: {}', ['subgraphs must be at least one subgraph, but got {}']],
  ])('refuses %s', async (_, yaml, problems) => {
    expect(await problemsOf(yaml)).toEqual(problems);
  });

  it('says where the file is not YAML', async () => {
    expect((await problemsOf('subgraphs: {')).join()).toMatch(
      /^expected YAML, but got: .* at line 1, column 13/,
    );
  });

  it('says which file is missing', async () => {
    await expect(readSupergraphConfig(file)).rejects.toThrow(
      `${file} cannot be used: expected a readable file, but got ENOENT`,
    );
  });
});

describe('loadSubgraphs', () => {
  it('reads files and texts, in the order of the YAML', async () => {
    writeFileSync(join(folder, 'b.graphql'), 'type B');
    const config = await read(`subgraphs:
  b: { routing_url: http://b.test, schema: { file: b.graphql } }
  a: { routing_url: http://a.test, schema: { sdl: type A } }`);
    expect(await loadSubgraphs(config)).toEqual([
      { name: 'b', url: 'http://b.test', sdl: 'type B' },
      { name: 'a', url: 'http://a.test', sdl: 'type A' },
    ]);
  });

  it('lists every schema that could not be had', async () => {
    const config = await read(`subgraphs:
  a: { routing_url: http://a.test, schema: { file: a.graphql } }
  b: { routing_url: http://b.test, schema: { file: b.graphql } }`);
    const error: unknown = await loadSubgraphs(config).catch((thrown: unknown) => thrown);
    expect((error as SupergraphConfigError).problems).toEqual([
      `subgraphs.a.schema: expected a readable file at ${folder}/a.graphql, but got ENOENT`,
      `subgraphs.b.schema: expected a readable file at ${folder}/b.graphql, but got ENOENT`,
    ]);
  });
});
