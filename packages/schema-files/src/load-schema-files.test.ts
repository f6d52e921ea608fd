import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { loadSchemaFiles, SchemaFilesError } from './load-schema-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-schema-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};

it('joins the files of a folder and its subfolders in the order of their paths, each under its name', async () => {
  write('types/user.graphql', 'type User { id: ID! }\n');
  write('schema.graphql', 'type Query { me: User }');
  write('types/comment.graphql', '\n\ntype Comment { id: ID! }\n');
  expect(await loadSchemaFiles(folder)).toEqual({
    files: ['schema.graphql', 'types/comment.graphql', 'types/user.graphql'],
    sdl: `# From schema.graphql
type Query { me: User }

# From types/comment.graphql
type Comment { id: ID! }

# From types/user.graphql
type User { id: ID! }
`,
  });
});

it('leaves out empty files and what is not GraphQL', async () => {
  write('a.graphql', ' \n');
  write('b.graphql', 'scalar B');
  write('notes.md', 'type Not { graphql: Int }');
  expect((await loadSchemaFiles(folder)).files).toEqual(['b.graphql']);
});

it('says which folder is missing', async () => {
  const missing = join(folder, 'none');
  await expect(loadSchemaFiles(missing)).rejects.toThrow(
    new SchemaFilesError(`Expected a folder of *.graphql files at "${missing}", but reading it gave ENOENT`),
  );
});

it('refuses a folder without schema files', async () => {
  await expect(loadSchemaFiles(folder)).rejects.toThrow(
    `Expected at least one *.graphql file with content in "${folder}", but found none`,
  );
});

it('refuses a folder where every schema file is empty', async () => {
  write('a.graphql', '');
  await expect(loadSchemaFiles(folder)).rejects.toThrow(/but found only empty ones \(1\)$/);
});
