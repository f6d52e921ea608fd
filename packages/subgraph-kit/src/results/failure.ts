import { CodedError, type ErrorCode } from '@tributary/errors';
import type { z } from 'zod';

/** What is wrong with one field of an input. */
export interface InvalidField {
  /** Where in the input, from its root: `['tags', '0']`. */
  readonly path: readonly string[];
  readonly code: 'INVALID_INPUT' | 'MISSING_REQUIRED' | 'INVALID_REFERENCE';
  readonly message: string;
}

/** A mutation that could not do what was asked, for a reason that its schema names: a member of its result union. */
export type Failure =
  | {
      readonly __typename: 'InvalidInput';
      readonly code: 'BAD_USER_INPUT';
      readonly message: string;
      readonly fields: readonly InvalidField[];
    }
  | { readonly __typename: 'NotFound'; readonly code: 'NOT_FOUND'; readonly message: string }
  | { readonly __typename: 'NotAllowed'; readonly code: 'FORBIDDEN'; readonly message: string }
  | { readonly __typename: 'Conflict'; readonly code: 'CONFLICT'; readonly message: string };

export const invalidInput = (fields: readonly InvalidField[]) =>
  ({
    __typename: 'InvalidInput',
    code: 'BAD_USER_INPUT',
    message: fields.map(describeField).join('; '),
    fields,
  }) as const satisfies Failure;

/** A rule between fields belongs to none of them. */
const describeField = ({ path, message }: InvalidField): string =>
  path.length === 0 ? message : `${path.join('.')}: ${message}`;

export const notFound = (message: string) =>
  ({ __typename: 'NotFound', code: 'NOT_FOUND', message }) as const satisfies Failure;

export const notAllowed = (message: string) =>
  ({ __typename: 'NotAllowed', code: 'FORBIDDEN', message }) as const satisfies Failure;

export const conflict = (message: string) =>
  ({ __typename: 'Conflict', code: 'CONFLICT', message }) as const satisfies Failure;

/** An input that was parsed, or what is wrong with it. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: ReturnType<typeof invalidInput> };

/**
 * Checks an input beyond its types: lengths, formats, rules between fields. A rule of its own may say what kind of
 * problem it finds: `refine(isPostId, { params: { code: 'INVALID_REFERENCE' } })`.
 *
 * @example
 * const parsed = parseInput(createPostInput, input);
 * if (!parsed.ok) return parsed.failure;
 */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): Parsed<T> {
  const result = schema.safeParse(input, { reportInput: true });
  if (result.success) return { ok: true, value: result.data };
  const fields = result.error.issues.map((issue) => ({
    path: issue.path.map(String),
    code: kindOf(issue),
    message: issue.message,
  }));
  return { ok: false, failure: invalidInput(fields) };
}

function kindOf(issue: z.core.$ZodIssue): InvalidField['code'] {
  if (issue.code !== 'custom' && issue.input == null) return 'MISSING_REQUIRED';
  const isReference = issue.code === 'custom' && issue.params?.['code'] === 'INVALID_REFERENCE';
  return isReference ? 'INVALID_REFERENCE' : 'INVALID_INPUT';
}

/**
 * Gives the value of a result, or throws its failure as a coded error: for fields whose type has no room for
 * failures.
 *
 * @throws {CodedError} with the failure's code and message
 */
export function orThrow<T extends object>(result: T | Failure): T {
  if (!isFailure(result)) return result;
  const { code, message } = result;
  const extensions = result.__typename === 'InvalidInput' ? { fields: result.fields } : {};
  throw new CodedError(code satisfies ErrorCode, message, { extensions });
}

const failures: ReadonlySet<unknown> = new Set<Failure['__typename']>([
  'InvalidInput',
  'NotFound',
  'NotAllowed',
  'Conflict',
]);

/** Tells failures from what a mutation was asked for. */
export const isFailure = (result: object): result is Failure =>
  '__typename' in result && failures.has(result.__typename);
