/**
 * Puts rows in the order DataLoader asked for; a missing row becomes `null`.
 *
 * @example inKeyOrder(['b', 'a'], [{ id: 'a' }], (row) => row.id) // [null, { id: 'a' }]
 * @throws {TypeError} when a row's key was not asked for, or came twice: then the query is wrong, not the data
 */
export function inKeyOrder<K, V>(keys: readonly K[], rows: readonly V[], keyOf: (row: V) => K): (V | null)[] {
  const rowByKey = new Map<K, V>();
  for (const row of rows) {
    const key = keyOf(row);
    if (rowByKey.has(key)) throw new TypeError(`Expected one row for key ${String(key)}, but got several`);
    rowByKey.set(key, row);
  }
  const ordered = keys.map((key) => rowByKey.get(key) ?? null);
  refuseUnasked(rowByKey.keys(), keys);
  return ordered;
}

/**
 * Groups rows by the key that DataLoader asked for, in the order of the keys; a key without rows becomes `[]`.
 * Inside a group the rows keep their order.
 *
 * @example groupByKey(['b', 'a'], [{ author: 'a' }], (row) => row.author) // [[], [{ author: 'a' }]]
 * @throws {TypeError} when a row's key was not asked for: then the query is wrong, not the data
 */
export function groupByKey<K, V>(keys: readonly K[], rows: readonly V[], keyOf: (row: V) => K): V[][] {
  const groups = Map.groupBy(rows, keyOf);
  refuseUnasked(groups.keys(), keys);
  return keys.map((key) => groups.get(key) ?? []);
}

function refuseUnasked<K>(found: Iterable<K>, asked: readonly K[]): void {
  const known = new Set(asked);
  for (const key of found) {
    if (known.has(key)) continue;
    throw new TypeError(`Expected rows for the ${known.size} keys asked for, but got one for ${String(key)}`);
  }
}
