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

/**
 * Copies fields of an answer into the tree. Only keys that were asked for are copied, whatever a subgraph sends; what
 * the tree has already is joined with it.
 */
export function mergeFields(
  target: DataObject,
  source: DataObject,
  keys: readonly string[],
  isObjectType: IsObjectType,
): void {
  for (const key of keys) {
    const incoming = readKey(source, key);
    // Deeper down the keys are the subgraph's, and writing this one would change what the object inherits.
    if (incoming === undefined || key === '__proto__') continue;
    const existing = readKey(target, key);
    target[key] = existing === undefined ? incoming : join(existing, incoming, key, isObjectType);
  }
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
  mergeFields(existing, incoming, Object.keys(incoming), isObjectType);
  return existing;
}
