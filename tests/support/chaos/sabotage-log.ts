import { createRedisStore, type EventLog, type LoggedEvent, type Tail } from '@tributary/event-log';

/** Mistakes of whoever reads a log of events. */
export type LogSabotage = 'it swallows one event' | 'it does not fill gaps' | 'it ends its process once';

/** The one event of all that a mistake is made with. */
const isChosen = ({ event }: LoggedEvent): boolean =>
  event.channel === 'thing.t1.counted' && event.data?.['n'] === 10;

/** The log at an address, read with a mistake. */
export function sabotageLog(log: EventLog, url: string, sabotage = ''): EventLog {
  const change = (tail: EventLog['tail']): EventLog => ({
    append: (...args) => log.append(...args),
    appendAll: (...args) => log.appendAll(...args),
    ends: (partitions) => log.ends(partitions),
    head: () => log.head(),
    read: (range) => log.read(range),
    stop: () => log.stop(),
    tail,
  });
  switch (sabotage) {
    case 'it swallows one event':
      return change((options) => {
        const { ready, events } = log.tail(options);
        return { ready, events: swallow(events) };
      });
    case 'it ends its process once':
      return change((options) => {
        const { ready, events } = log.tail(options);
        return { ready, events: endWith(events) };
      });
    case 'it does not fill gaps':
      return change(({ signal }) => tailNotices(log, url, signal));
    default:
      return log;
  }
}

async function* swallow(events: Tail['events']): AsyncGenerator<readonly LoggedEvent[]> {
  for await (const batch of events) yield batch.filter((logged) => !isChosen(logged));
}

/** As an error that nobody catches would. */
async function* endWith(events: Tail['events']): AsyncGenerator<readonly LoggedEvent[]> {
  for await (const batch of events) {
    if (batch.some(isChosen)) process.exit(1);
    yield batch;
  }
}

/** Believes that whatever is published is heard. */
function tailNotices(log: EventLog, url: string, signal: AbortSignal): Tail {
  const store = createRedisStore({ url });
  const waiting: LoggedEvent[] = [];
  let wake = () => {};
  signal.addEventListener('abort', () => {
    wake();
    void store.stop();
  });
  const listening = store.listen({
    appended: (_partition, _seq, entry) => {
      if (entry) waiting.push(entry);
      wake();
    },
    missed: () => {},
  });
  async function* read(): AsyncGenerator<readonly LoggedEvent[]> {
    while (!signal.aborted) {
      if (waiting.length > 0) yield waiting.splice(0);
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  return { ready: listening.then(() => log.head()), events: read() };
}
