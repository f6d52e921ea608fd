import { defineError } from '@tributary/errors';
import {
  defaultFieldResolver,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  isObjectType,
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql';

/** Bounds of the built-in scalars, which GraphQL leaves open. */
export interface InputLimits {
  /** Characters. @default 100000 */
  readonly maxStringLength?: number;
  /** Characters. @default 200 */
  readonly maxIdLength?: number;
}

const InvalidArgument = defineError(
  'BAD_USER_INPUT',
  (path: string, expected: string, got: string) => `Argument "${path}" must ${expected}, but got ${got}`,
);

/** Throws for a value out of bounds; `path` says which, as `input.tags.0`. */
type Check = (value: unknown, path: string) => void;

/**
 * Makes every field with arguments check its ids, strings and dates before its resolver runs. What has to be checked is
 * worked out here once, so that a request pays only for the values it sends.
 */
export function constrainInputs(schema: GraphQLSchema, limits: InputLimits): void {
  const checkOf = createCheckFactory(limits);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const check = argumentsCheck(field.args, checkOf);
      if (!check) continue;
      const resolve = field.resolve ?? defaultFieldResolver;
      field.resolve = (parent, args: Record<string, unknown>, context, info) => {
        check(args);
        return resolve(parent, args, context, info);
      };
    }
  }
}

function argumentsCheck(
  args: readonly GraphQLArgument[],
  checkOf: (type: GraphQLInputType) => Check | undefined,
) {
  const checks = args.flatMap(({ name, type }) => {
    const check = checkOf(type);
    return check ? [{ name, check }] : [];
  });
  if (checks.length === 0) return undefined;
  return (values: Record<string, unknown>) => {
    for (const { name, check } of checks) check(values[name], name);
  };
}

/** Memoises by input type, which also ends the recursion of inputs that contain themselves. */
function createCheckFactory({ maxStringLength = 100_000, maxIdLength = 200 }: InputLimits) {
  const known = new Map<string, Check>();
  const scalarChecks: Record<string, Check> = {
    ID: (value, path) => checkText(String(value), path, { min: 1, max: maxIdLength }),
    String: (value, path) => checkText(String(value), path, { min: 0, max: maxStringLength }),
    Date: checkYear,
    DateTime: checkYear,
  };

  const checkOf = (type: GraphQLInputType): Check | undefined => {
    const nullable = getNullableType(type);
    if (isListType(nullable)) return listCheck(checkOf(nullable.ofType));
    const named = getNamedType(nullable);
    if (isInputObjectType(named)) return objectCheck(named.name, () => Object.values(named.getFields()));
    return nullSafe(scalarChecks[named.name]);
  };

  const objectCheck = (
    name: string,
    fields: () => readonly { name: string; type: GraphQLInputType }[],
  ): Check => {
    const existing = known.get(name);
    if (existing) return existing;
    let checks: { name: string; check: Check }[] = [];
    const check: Check = (value, path) => {
      if (value == null) return;
      const object = value as Record<string, unknown>;
      for (const part of checks) part.check(object[part.name], `${path}.${part.name}`);
    };
    known.set(name, check);
    checks = fields().flatMap((field) => {
      const inner = checkOf(field.type);
      return inner ? [{ name: field.name, check: inner }] : [];
    });
    return check;
  };

  return checkOf;
}

const nullSafe = (check: Check | undefined): Check | undefined =>
  check && ((value, path) => (value == null ? undefined : check(value, path)));

const listCheck = (check: Check | undefined): Check | undefined =>
  check &&
  ((value, path) =>
    Array.isArray(value) ? value.forEach((item, index) => check(item, `${path}.${index}`)) : undefined);

function checkText(text: string, path: string, { min, max }: { min: number; max: number }): void {
  if (text.length < min) throw new InvalidArgument(path, 'not be empty', '""');
  if (text.length > max)
    throw new InvalidArgument(path, `have at most ${max} characters`, String(text.length));
  // PostgreSQL has no place for it in a text: it would fail a statement that is right in everything else.
  if (text.includes('\0'))
    throw new InvalidArgument(path, 'not contain the character U+0000', 'one that does');
}

/** PostgreSQL knows no year 0, and reads no year of more than four digits as JavaScript writes it. */
function checkYear(value: unknown, path: string): void {
  const year = value instanceof Date ? value.getUTCFullYear() : 1;
  if (year < 1 || year > 9999)
    throw new InvalidArgument(path, 'be in the years 1 to 9999', `one in the year ${year}`);
}
