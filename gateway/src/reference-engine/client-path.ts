type Path = readonly (string | number)[];

/**
 * Cuts a path where it leaves the answer: a fetch may fill fields that only another fetch needed (`@requires`), and
 * the client never asked for them. Beneath a null nothing can be checked, and the path stays as it is.
 *
 * @example clientPath(['post', 'weightForShipping'], { post: { cost: null } }) // ['post']
 */
export function clientPath(path: Path, data: unknown): Path {
  let value = data;
  for (const [index, key] of path.entries()) {
    if (key === '@') return path.slice(0, index);
    if (value === null || value === undefined) continue;
    if (typeof value !== 'object' || !Object.hasOwn(value, key)) return path.slice(0, index);
    value = (value as Record<string | number, unknown>)[key];
  }
  return path;
}
