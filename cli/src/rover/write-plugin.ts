import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { composerVersion } from '@tributary/planning/composer-version';

/** A folder with the composer as rover looks for it; dispose of it when rover has ended. */
export interface PluginFolder extends AsyncDisposable {
  readonly folder: string;
}

/**
 * Writes the sh file `supergraph-vX.Y.Z` that rover takes for its composer. It stands in a folder of its own among
 * the system's temporary ones, so that a read-only checkout works and nobody else can put a file in its place.
 */
export async function writePlugin(): Promise<PluginFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-rover-'));
  const script = fileURLToPath(new URL('./compose-plugin.ts', import.meta.url));
  const command = [process.execPath, script].map(quote).join(' ');
  await writeFile(join(folder, `supergraph-v${composerVersion}`), `#!/bin/sh\nexec ${command} "$@"\n`, {
    mode: 0o700,
  });
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

const quote = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;
