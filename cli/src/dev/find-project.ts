import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { DevError } from './dev-error.ts';

/** The nearest folder, here or above, that has a supergraph.yaml. */
export function findProject(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'supergraph.yaml'))) return folder;
    if (folder === dirname(folder)) {
      throw new DevError(
        `Expected a supergraph.yaml in ${from} or above it, but found none: run this in the project`,
      );
    }
  }
}
