/**
 * Remembers what a function of names gave: interfaces with thousands of implementations are asked for again and again.
 *
 * @example memoize((type: string) => findPossibleTypes(type))
 */
export function memoize<Names extends readonly string[], Result>(
  find: (...names: Names) => Result,
): (...names: Names) => Result {
  const known = new Map<string, Result>();
  return (...names) => {
    // GraphQL's names have no dot. What `map` gives besides the name is not meant for the function.
    const key = names.slice(0, find.length).join('.');
    const found = known.get(key);
    if (found !== undefined || known.has(key)) return found as Result;
    const result = find(...names);
    known.set(key, result);
    return result;
  };
}
