import { defineError } from '@tributary/errors';
import { z } from 'zod';

/** A place in a list that is ordered by time and then by id. */
export interface Cursor {
  readonly at: Date;
  readonly id: string;
}

const InvalidCursor = defineError(
  'BAD_USER_INPUT',
  (cursor: string) =>
    `Argument "after" must be a cursor that this list gave, but got "${cursor.slice(0, 100)}"`,
);

/** What a row may have: PostgreSQL reads no year 0 and holds no U+0000, and would fail for it. */
const payload = z.tuple([z.iso.datetime().regex(/^(?!0000)/), z.string().regex(/^[^\0]+$/)]);

/** An opaque text for the place of a row: clients hand it back, they do not read it. */
export const encodeCursor = ({ at, id }: Cursor): string =>
  Buffer.from(JSON.stringify([at.toISOString(), id])).toString('base64url');

/** @throws {CodedError} BAD_USER_INPUT for a text that {@link encodeCursor} did not make */
export function decodeCursor(cursor: string): Cursor {
  try {
    const [at, id] = payload.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return { at: new Date(at), id };
  } catch (error: unknown) {
    throw new InvalidCursor(cursor).with({ cause: error });
  }
}
