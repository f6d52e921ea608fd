import { isInherited } from './inherited.ts';

/** What subgraphs answered, joined to one tree; keyed by data keys. */
export type DataObject = { [key: string]: unknown };

export const isDataObject = (value: unknown): value is DataObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads a property that came with the answer. JSON has no functions: one is Object.prototype's, met where a field is
 * named `constructor` or `toString` and is missing.
 */
export function readKey(object: DataObject, key: string): unknown {
  const value = object[key];
  return typeof value === 'function' ? undefined : value;
}

/** Tells whether a name is that of an object type: such a `__typename` is final, an interface object's is not. */
export type IsObjectType = (typename: unknown) => boolean;

/** Copies the fields that were asked for from an answer into the tree; what the tree has already is joined with them. */
export type MergeFields = (target: DataObject, source: DataObject) => void;

/**
 * Compiles the copying of fields. Only these keys are copied, whatever a subgraph sends.
 *
 * @example compileMerge(['name'], isObjectType)(user, { name: 'Ada', surprise: 1 }) // user.name is 'Ada'
 */
export function compileMerge(keys: readonly string[], isObjectType: IsObjectType): MergeFields {
  const joinKey = (target: DataObject, source: DataObject, key: string) =>
    mergeKey(target, source, key, isObjectType);
  const lines = keys.map((key) => {
    const property = JSON.stringify(key);
    if (isInherited(key)) return `joinKey(target, source, ${property});`;
    return `if (source[${property}] !== undefined) {
      if (target[${property}] === undefined) target[${property}] = source[${property}];
      else joinKey(target, source, ${property});
    }`;
  });
  // oxlint-disable-next-line typescript/no-implied-eval -- keys are names, and stand in the code as JSON strings
  const create = new Function(
    'joinKey',
    `'use strict'; return (target, source) => { ${lines.join('\n')} };`,
  ) as (join: typeof joinKey) => MergeFields;
  return create(joinKey);
}

function mergeKey(target: DataObject, source: DataObject, key: string, isObjectType: IsObjectType): void {
  const incoming = readKey(source, key);
  // Deeper down the keys are the subgraph's, and writing this one would change what the object inherits.
  if (incoming === undefined || key === '__proto__') return;
  const existing = readKey(target, key);
  target[key] = existing === undefined ? incoming : join(existing, incoming, key, isObjectType);
}

function join(existing: unknown, incoming: unknown, key: string, isObjectType: IsObjectType): unknown {
  if (incoming === null || incoming === undefined) return existing;
  if (existing === null || existing === incoming) return incoming;
  // An entity that went through an interface object must not lose the name of its own type again.
  if (key === '__typename') return isObjectType(existing) ? existing : incoming;
  if (Array.isArray(existing) && Array.isArray(incoming)) {
    const items: unknown[] = existing;
    for (const [index, item] of incoming.entries()) {
      items[index] = items[index] === undefined ? item : join(items[index], item, '', isObjectType);
    }
    return items;
  }
  if (!isDataObject(existing) || !isDataObject(incoming)) return incoming;
  for (const each of Object.keys(incoming)) mergeKey(existing, incoming, each, isObjectType);
  return existing;
}
