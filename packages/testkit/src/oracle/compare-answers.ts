type Path = readonly (string | number)[];

/** The parts of an answer that are compared; messages and codes are each server's own. */
export interface ComparableAnswer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly path?: Path | undefined }[] | undefined;
}

/** One place at which two answers differ. */
export interface AnswerDifference {
  /** `order`: equal fields in another order than the specification gives them. */
  readonly kind: 'data' | 'order' | 'errors';
  readonly path: Path;
  readonly expected: unknown;
  readonly actual: unknown;
}

export interface CompareOptions {
  /** How many errors the server under test gives at most: beyond that, none is missed. @default no limit */
  readonly maxErrors?: number;
}

/**
 * Compares an answer with the one that it should be: data, the order of fields, and where errors stand.
 *
 * An error at a non-null field makes something above it null, and then only one error needs to be given for that null:
 * of several, servers may give different ones (https://spec.graphql.org/October2021/#sec-Handling-Field-Errors). Such
 * errors are equal when they explain the same null.
 *
 * @example
 * compareAnswers({ data: { a: 1 } }, { data: { a: null }, errors: [{ path: ['a'] }] })
 * // [{ kind: 'data', path: ['a'], actual: 1, expected: null }, { kind: 'errors', path: ['a'], … }]
 */
export function compareAnswers(
  actual: ComparableAnswer,
  expected: ComparableAnswer,
  { maxErrors = Infinity }: CompareOptions = {},
): AnswerDifference[] {
  return [...compareData(actual.data, expected.data, []), ...compareErrors(actual, expected, maxErrors)];
}

/** The first differences as text, one line each: what is wrong with one row of a list is wrong with all. */
export function describeDifferences(differences: readonly AnswerDifference[]): string {
  const lines = differences.slice(0, shownDifferences).map(describeDifference);
  const more = differences.length - lines.length;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

const shownDifferences = 10;

function describeDifference({ kind, path, actual, expected }: AnswerDifference): string {
  const at = path.length === 0 ? 'the root' : path.join('.');
  return `${kind} at ${at}: expected ${shorten(expected)}, but got ${shorten(actual)}`;
}

const shorten = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
};

function compareData(actual: unknown, expected: unknown, path: Path): AnswerDifference[] {
  if (Array.isArray(actual) && Array.isArray(expected) && actual.length === expected.length) {
    return expected.flatMap((item, index) => compareData(actual[index], item, [...path, index]));
  }
  if (isObject(actual) && isObject(expected)) return compareObjects(actual, expected, path);
  return Object.is(actual, expected) ? [] : [{ kind: 'data', path, actual, expected }];
}

function compareObjects(
  actual: Readonly<Record<string, unknown>>,
  expected: Readonly<Record<string, unknown>>,
  path: Path,
): AnswerDifference[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
  const inside = names.flatMap((name) => compareData(actual[name], expected[name], [...path, name]));
  const order = { actual: Object.keys(actual), expected: Object.keys(expected) };
  const isSameSet = order.actual.length === names.length && order.expected.length === names.length;
  const isSameOrder = order.expected.every((name, index) => name === order.actual[index]);
  return isSameSet && !isSameOrder ? [...inside, { kind: 'order', path, ...order }] : inside;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Errors by the null that they explain. */
function compareErrors(
  actual: ComparableAnswer,
  expected: ComparableAnswer,
  maxErrors: number,
): AnswerDifference[] {
  const [actualNulls, expectedNulls] = [explainedNulls(actual), explainedNulls(expected)];
  const isCut = (actual.errors?.length ?? 0) >= maxErrors;
  const keys = new Set([...expectedNulls.keys(), ...actualNulls.keys()]);
  return [...keys].flatMap((key): AnswerDifference[] => {
    const [mine = [], theirs = []] = [actualNulls.get(key), expectedNulls.get(key)];
    const isMissed = mine.length === 0 && !isCut;
    if (!isMissed && theirs.length > 0) return [];
    return [{ kind: 'errors', path: parse(key), actual: mine.map(parse), expected: theirs.map(parse) }];
  });
}

const parse = (text: string): Path => JSON.parse(text) as Path;

/** The paths of the errors, as text, by the path of what is null because of them. */
function explainedNulls({ data, errors = [] }: ComparableAnswer): ReadonlyMap<string, readonly string[]> {
  const nulls = new Map<string, string[]>();
  for (const { path = [] } of errors) {
    const key = JSON.stringify(path.slice(0, depthOfNull(data, path)));
    nulls.set(key, [...(nulls.get(key) ?? []), JSON.stringify(path)]);
  }
  return nulls;
}

/** How far a path can be followed until something is null or not there. */
function depthOfNull(data: unknown, path: Path): number {
  let value = data;
  for (const [depth, key] of path.entries()) {
    if (value === null || typeof value !== 'object') return depth;
    value = (value as Readonly<Record<string | number, unknown>>)[key];
  }
  return path.length;
}
