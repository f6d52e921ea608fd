import type { EventLog, LogCursor, LoggedEvent } from '@tributary/event-log';

/** What lies between two cursors, in one piece. */
export const readAll = async (log: EventLog, after: LogCursor, until: LogCursor): Promise<LoggedEvent[]> =>
  (await Array.fromAsync(log.read({ after, until }))).flat();
