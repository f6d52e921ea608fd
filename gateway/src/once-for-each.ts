/**
 * Remembers what a function made of an object, for as long as the object is in use.
 *
 * @example const fieldNamesOf = onceForEach((schema: GraphQLSchema) => collectFieldNames(schema));
 */
export function onceForEach<Key extends object, Value>(find: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, Value>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined || known.has(key)) return found as Value;
    const value = find(key);
    known.set(key, value);
    return value;
  };
}
