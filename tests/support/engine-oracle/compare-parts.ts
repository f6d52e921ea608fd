import type { ComparableAnswer } from '@tributary/testkit';

type Path = readonly (string | number)[];

/**
 * Compares parts that were put together, while a subgraph was down, with the whole answer of a world without trouble: what
 * is there must be right, and for what is missing there must be an error beneath it or beside it: the error that ended a
 * part is the error of all that was in it.
 *
 * @returns the paths of what is wrong, or missing without an error
 */
export function compareParts(actual: ComparableAnswer, whole: ComparableAnswer): readonly string[] {
  const errors = (actual.errors ?? []).map(({ path = [] }) => keyOf(path));
  const isToldWithin = (path: Path) => errors.some((error) => error.startsWith(keyOf(path)));
  const isToldAbove = (path: Path) =>
    path.some((_key, depth) => errors.includes(keyOf(path.slice(0, depth + 1))));
  const wrongPlaces = (is: unknown, shouldBe: unknown, path: Path): readonly string[] => {
    if (is === undefined && isToldWithin(path.slice(0, -1))) return [];
    if (is === null && shouldBe !== null && (isToldWithin(path) || isToldAbove(path))) return [];
    if (Array.isArray(is) && Array.isArray(shouldBe) && is.length === shouldBe.length) {
      return shouldBe.flatMap((item, index) => wrongPlaces(is[index], item, [...path, index]));
    }
    if (isObject(is) && isObject(shouldBe)) {
      const names = new Set([...Object.keys(is), ...Object.keys(shouldBe)]);
      return [...names].flatMap((name) => wrongPlaces(is[name], shouldBe[name], [...path, name]));
    }
    return Object.is(is, shouldBe) ? [] : [keyOf(path)];
  };
  return wrongPlaces(actual.data, whole.data, []);
}

/** `/a/0/b/`: that of an object begins that of everything in it. */
const keyOf = (path: Path): string => ['', ...path, ''].join('/');

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
