import type { AnswerDifference, ComparableAnswer } from './compare-answers.ts';

type Path = readonly (string | number)[];

export interface DegradedOptions {
  /** An entity that is not found is null without an error. @default false */
  readonly mayLoseSilently?: boolean;
}

/**
 * Compares an answer that was given while a part of the system did not work with the whole one: what is there must be
 * right, and whatever is missing must be explained by an error beneath it, or by one of something that holds it: what
 * failed may have been one of two fetches for the same list.
 *
 * @example compareDegraded({ data: { a: null } }, { data: { a: 1 } }) // [{ kind: 'errors', path: ['a'], … }]
 */
export function compareDegraded(
  actual: ComparableAnswer,
  whole: ComparableAnswer,
  { mayLoseSilently = false }: DegradedOptions = {},
): AnswerDifference[] {
  if (mayLoseSilently) return differencesOf(actual.data, whole.data, [], everything);
  const explained = new Set((actual.errors ?? []).map(({ path = [] }) => keyOfNull(actual.data, path)));
  return differencesOf(actual.data, whole.data, [], explained);
}

function differencesOf(
  actual: unknown,
  whole: unknown,
  path: Path,
  explained: ReadonlySet<string>,
): AnswerDifference[] {
  if (actual === null && whole !== null) {
    if (path.some((_key, depth) => explained.has(JSON.stringify(path.slice(0, depth + 1))))) return [];
    if (explained.has(JSON.stringify([]))) return [];
    return [{ kind: 'errors', path, actual: [], expected: 'an error that explains the null' }];
  }
  if (Array.isArray(actual) && Array.isArray(whole) && actual.length === whole.length) {
    return whole.flatMap((item, index) => differencesOf(actual[index], item, [...path, index], explained));
  }
  if (isObject(actual) && isObject(whole)) {
    const names = { actual: Object.keys(actual), expected: Object.keys(whole) };
    if (names.actual.join() !== names.expected.join()) return [{ kind: 'order', path, ...names }];
    return names.expected.flatMap((name) =>
      differencesOf(actual[name], whole[name], [...path, name], explained),
    );
  }
  return Object.is(actual, whole) ? [] : [{ kind: 'data', path, actual, expected: whole }];
}

const everything = { has: () => true } as unknown as ReadonlySet<string>;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function keyOfNull(data: unknown, path: Path): string {
  let value = data;
  for (const [depth, key] of path.entries()) {
    if (typeof value !== 'object' || value === null) return JSON.stringify(path.slice(0, depth));
    value = (value as Readonly<Record<string | number, unknown>>)[key];
  }
  return JSON.stringify(path);
}
