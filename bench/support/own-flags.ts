import { readFileSync } from 'node:fs';

/**
 * The flags of Node that a program of ours is started with wherever it runs.
 *
 * @param folder the program's, from the root of the project
 * @example ownFlagsOf('subgraphs/users') // ['--max-semi-space-size=64']
 */
export function ownFlagsOf(folder: string): readonly string[] {
  const file = new URL(`../../${folder}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly nodeFlags: readonly string[] }).nodeFlags;
}

/** Those of our gateway. */
export const ownFlags = ownFlagsOf('gateway');
