import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The flags of Node that a program wants to be started with: the field `nodeFlags` of its package.json.
 *
 * @example readNodeFlags('gateway') // ['--max-semi-space-size=64']
 */
export function readNodeFlags(folder: string): readonly string[] {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return [];
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { readonly nodeFlags?: readonly string[] };
  return manifest.nodeFlags ?? [];
}
