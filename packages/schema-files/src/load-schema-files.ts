import { readdir, readFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';

/** A folder that holds no schema, or is not there at all; the message says what was expected. */
export class SchemaFilesError extends Error {
  override readonly name = 'SchemaFilesError';
}

/** What a folder of schema files amounts to. */
export interface SchemaFiles {
  /** The files one after the other, each beneath a `# From <path>` line. */
  readonly sdl: string;
  /** Paths relative to the folder, with `/` on every system, in the order of {@link sdl}. */
  readonly files: string[];
}

/**
 * Joins every `*.graphql` file of a folder and its subfolders. The paths are sorted, so the same files give the
 * same text on every machine; files with nothing but white space are left out.
 *
 * @example await loadSchemaFiles('schema') // { sdl: '# From schema.graphql\ntype Query { …', files: ['schema.graphql'] }
 * @throws {SchemaFilesError} when the folder is missing or holds no schema
 */
export async function loadSchemaFiles(folder: string): Promise<SchemaFiles> {
  const paths = await findSchemaFiles(folder);
  const texts = await Promise.all(paths.map((path) => readFile(join(folder, path), 'utf8')));
  const filled = paths
    .map((path, index) => ({ path, text: (texts[index] ?? '').replace(/^\uFEFF/, '').trim() }))
    .filter(({ text }) => text !== '');
  if (filled.length === 0) throw new SchemaFilesError(describeEmptyFolder(folder, paths.length));
  return {
    sdl: filled.map(({ path, text }) => `# From ${path}\n${text}\n`).join('\n'),
    files: filled.map(({ path }) => path),
  };
}

async function findSchemaFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw new SchemaFilesError(
      `Expected a folder of *.graphql files at "${resolve(folder)}", but reading it gave ${codeOf(error)}`,
      { cause: error },
    );
  });
  return (
    entries
      .filter((entry) => entry.name.endsWith('.graphql') && !entry.isDirectory())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
      // By code unit: a locale's order would differ between machines.
      .toSorted()
  );
}

const describeEmptyFolder = (folder: string, emptyFiles: number): string => {
  const found = emptyFiles === 0 ? 'none' : `only empty ones (${emptyFiles})`;
  return `Expected at least one *.graphql file with content in "${resolve(folder)}", but found ${found}`;
};

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);
