import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { composeForRover } from './rover-answer.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-rover-answer-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const answerTo = (yaml: string) => {
  const file = join(folder, 'supergraph.yaml');
  writeFileSync(file, yaml);
  return composeForRover(file);
};

const subgraph = (name: string, sdl: string) =>
  `  ${name}: { routing_url: "http://${name}.test", schema: { sdl: '${sdl}' } }\n`;

it('answers Ok with the supergraph and the hints of the composer', async () => {
  const shared = 'type Query { "TEXT" a: Int }';
  const answer = await answerTo(
    `subgraphs:\n${subgraph('a', shared.replace('TEXT', 'One'))}${subgraph('b', shared.replace('TEXT', 'Two'))}`,
  );
  expect(answer).toEqual({
    Ok: {
      supergraphSdl: expect.stringContaining('A @join__graph(name: "a", url: "http://a.test")'),
      hints: [expect.objectContaining({ code: 'INCONSISTENT_DESCRIPTION', omittedNodesCount: 0 })],
    },
  });
});

it('answers Err with every error, its code and its places', async () => {
  expect(await answerTo(`subgraphs:\n${subgraph('a', 'type Query {')}`)).toEqual({
    Err: {
      build_errors: [
        {
          code: 'INVALID_GRAPHQL',
          type: 'composition',
          message: '[a] Syntax Error: Expected Name, found <EOF>.',
          nodes: [{ subgraph: 'a', start: { line: 1, column: 13 }, end: { line: 1, column: 13 } }],
          omittedNodesCount: 0,
        },
      ],
    },
  });
});

it('answers Err for a file that cannot be used', async () => {
  expect(await answerTo('subgraphs: { a: { routing_url: "http://a.test" } }')).toEqual({
    Err: {
      build_errors: [
        {
          code: 'CONFIG',
          type: 'config',
          message: 'subgraphs.a.schema is missing',
          nodes: [],
          omittedNodesCount: 0,
        },
      ],
    },
  });
});

it('leaves alone what looks like a variable in a schema: rover has filled in those of the file', async () => {
  const answer = await answerTo(
    `subgraphs:\n${subgraph('a', '"Costs ${env.NOTHING}" type Query { a: Int }')}`,
  );
  expect(answer).toHaveProperty('Ok');
});
