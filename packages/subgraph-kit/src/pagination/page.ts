import { defineError } from '@tributary/errors';

import { decodeCursor, type Cursor } from './cursor.ts';

/** The part of a list that was asked for. */
export interface Page {
  /** 1 to 100. */
  readonly first: number;
  readonly after?: Cursor;
}

/** No list is given without a bound. */
export const largestPage = 100;

const InvalidPageSize = defineError(
  'BAD_USER_INPUT',
  (first: number) => `Argument "first" must be from 1 to ${largestPage}, but got ${first}`,
);

/**
 * Reads a list field's arguments. `null` means the same as leaving the argument out.
 *
 * @throws {CodedError} BAD_USER_INPUT for a size out of bounds or a cursor that no list gave
 */
export function readPage(
  args: { readonly first?: number | null | undefined; readonly after?: string | null | undefined },
  defaultFirst: number,
): Page {
  const first = args.first ?? defaultFirst;
  if (!Number.isInteger(first) || first < 1 || first > largestPage) throw new InvalidPageSize(first);
  return args.after == null ? { first } : { first, after: decodeCursor(args.after) };
}
