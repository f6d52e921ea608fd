import { readKey, type DataObject } from './data-tree.ts';
import { isInherited } from './inherited.ts';

/**
 * Reads one property of objects of the data tree. Each reader has code of its own: at a place where all keys are read,
 * the engine looks every one of them up in a table, which takes several times as long.
 */
export type ReadProperty = (object: DataObject) => unknown;

// A few names that plans have again and again; what differs without end is not kept.
const readers = new Map<string, ReadProperty>();
const maxReaders = 10_000;

/** @returns a reader that sees own properties only, as {@link readKey} does */
export function readerOf(key: string): ReadProperty {
  const known = readers.get(key);
  if (known) return known;
  const reader = generateReader(key);
  if (readers.size < maxReaders) readers.set(key, reader);
  return reader;
}

function generateReader(key: string): ReadProperty {
  if (isInherited(key)) return (object) => readKey(object, key);
  // oxlint-disable-next-line typescript/no-implied-eval -- the key is a name, and stands in the code as a JSON string
  return new Function('object', `return object[${JSON.stringify(key)}]`) as ReadProperty;
}
