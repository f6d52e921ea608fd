import { setTimeout as delay } from 'node:timers/promises';

import type { EventLog, LoggedEvent } from '@tributary/event-log';

const chunk = 20;

/** Appends as a relay does, again after each failure, until everything is taken. */
export async function appendStubbornly(log: EventLog, entries: readonly LoggedEvent[]): Promise<void> {
  for (let start = 0; start < entries.length;) {
    try {
      await log.appendAll(entries.slice(start, start + chunk));
      start += chunk;
    } catch {
      await delay(10); // the store is away: nobody tells when it is back
    }
  }
}
