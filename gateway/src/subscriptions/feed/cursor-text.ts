import { encodeCursor, InvalidCursor, type LogCursor } from '@tributary/event-log';

/**
 * A place in the log as clients keep it; `undefined` where it is longer than a client should carry, because there are
 * hundreds of sources. Their subscriptions cannot be resumed then, and work otherwise.
 */
export function cursorText(cursor: LogCursor): string | undefined {
  try {
    return encodeCursor(cursor);
  } catch (error: unknown) {
    if (error instanceof InvalidCursor) return undefined;
    throw error;
  }
}
