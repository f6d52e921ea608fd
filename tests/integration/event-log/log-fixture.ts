import {
  createEventLog,
  type EventLog,
  type EventLogOptions,
  type LogCursor,
  type LogStore,
} from '@tributary/event-log';

import { Collector } from './collector.ts';
import type { LogServer, LogSpace, OpenOptions } from './log-space.ts';

type FixtureOptions = OpenOptions & EventLogOptions & { readonly sabotage?: (store: LogStore) => LogStore };

/** A tail that is being read. */
export interface Following {
  readonly abort: AbortController;
  readonly collector: Collector;
  readonly start: LogCursor;
}

/** The logs of one test, all on the same data, as if each were in a process of its own. */
export class LogFixture {
  readonly server: LogServer;
  readonly space: LogSpace;
  readonly #logs: EventLog[] = [];

  constructor(server: LogServer, space: LogSpace) {
    this.server = server;
    this.space = space;
  }

  openLog({ sabotage = (store) => store, ...options }: FixtureOptions = {}): EventLog {
    const log = createEventLog(sabotage(this.space.openStore(options)), options);
    this.#logs.push(log);
    return log;
  }

  async follow(log: EventLog, after?: LogCursor): Promise<Following> {
    const abort = new AbortController();
    const tail = log.tail({ signal: abort.signal, ...(after && { after }) });
    const collector = new Collector(tail.events);
    return { abort, collector, start: await tail.ready };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#logs.map((log) => log.stop()));
  }
}
