import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { loadSchemaFiles } from '@tributary/schema-files';

/**
 * Reads a schema: one file, or a folder of them.
 *
 * @throws {SchemaFilesError} for a folder without schema files; what the file system says of a missing file
 */
export async function readSchema(schemaFile: URL): Promise<string> {
  const facts = await stat(schemaFile);
  if (!facts.isDirectory()) return readFile(schemaFile, 'utf8');
  const { sdl } = await loadSchemaFiles(fileURLToPath(schemaFile));
  return sdl;
}
