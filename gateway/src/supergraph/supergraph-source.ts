import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { toError } from '@tributary/errors';

import { SupergraphInvalid } from '../errors/gateway-errors.ts';

/** Where a supergraph comes from. */
export interface SupergraphSource {
  /** How messages name it. */
  readonly name: string;
  read(): Promise<string>;
  /** Calls back when there may be a new one; the returned function ends that. */
  watch(onChange: () => void): () => void;
}

// A writer touches a file several times for one change: wait until it has been quiet for this long.
const quietMs = 50;

/**
 * The source that the setting SUPERGRAPH names: a path, or a `file:` URL.
 *
 * @throws {SupergraphInvalid} for any other URL
 */
export function createSupergraphSource(setting: string): SupergraphSource {
  const path = toPath(setting);
  return {
    name: `"${path}"`,
    read: () => readSource(path),
    watch: (onChange) => watchFile(path, onChange),
  };
}

function toPath(setting: string): string {
  if (setting.startsWith('file://')) return fileURLToPath(setting);
  if (setting.startsWith('file:')) return resolve(setting.slice('file:'.length));
  if (!/^[a-z][a-z0-9+.-]+:/i.test(setting)) return resolve(setting);
  throw new SupergraphInvalid(`"${setting}"`, 'expected SUPERGRAPH to be a path or a file: URL');
}

async function readSource(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error: unknown) {
    const cause = toError(error);
    const reason = 'code' in cause ? String(cause.code) : cause.message;
    throw new SupergraphInvalid(`"${path}"`, `expected a readable file, but got ${reason}`).with({ cause });
  }
}

/** Watches the folder: editors and `mv` replace a file, and a watch on the file itself would stay with the old one. */
function watchFile(path: string, onChange: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(dirname(path), (_event, name) => {
    if (name !== null && name !== basename(path)) return;
    clearTimeout(timer);
    timer = setTimeout(onChange, quietMs);
  });
  watcher.on('error', onChange);
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}
