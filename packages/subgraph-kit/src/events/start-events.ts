import { openEventLog, UnreadableEvent, type EventLog, type Retention } from '@tributary/event-log';
import { startRelay, type Relay } from '@tributary/event-log/outbox';
import type { Logger } from '@tributary/telemetry';

import type { Database } from '../database/database.ts';
import type { Consumer } from './consumer.ts';
import { startConsumer, type RunningConsumer } from './start-consumer.ts';

/** What a subgraph has to do with events. Its migrations make the tables of the outbox, and `consumed` for consumers. */
export interface EventsDefinition {
  /** What it does with events, its own or another's. @default nothing */
  readonly consumers?: readonly Consumer[];
}

export interface EventsOptions {
  /** The subgraph's name. */
  readonly source: string;
  readonly databaseUrl: string;
  readonly database: Database;
  /** Where the log is. Absent: there is none, and events stay in the outbox. */
  readonly eventsUrl: string | undefined;
  readonly retention: Required<Retention>;
  readonly logger: Logger;
  /** Is told how many events the log has taken. */
  readonly onSent: (count: number) => void;
}

/** The relay and the consumers of one process. */
export interface RunningEvents {
  /** Resolves when the log has every event that was committed before; never without a log. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts to bring events into the log and to read it. */
export function startEvents(
  { consumers = [] }: EventsDefinition,
  options: EventsOptions,
): RunningEvents | undefined {
  const { source, eventsUrl, retention, database, databaseUrl, logger, onSent } = options;
  if (eventsUrl === undefined) {
    logger.warn(
      'neither EVENTS_URL nor REDIS_URL is set: events stay in the outbox, and nobody hears of them',
    );
    return undefined;
  }
  const log = openEventLog({ url: eventsUrl, retention, onError: sayOnce(logger) });
  const relay = startRelay({
    database: { url: databaseUrl, applicationName: `${source}-relay` },
    log,
    source,
    logger,
    keepMs: retention.maxAgeMs,
    onSent,
  });
  const running = consumers.map((consumer) => startConsumer(consumer, { database, log, logger }));
  return { idle: () => relay.idle(), stop: () => stopAll(relay, running, log) };
}

/** The log last: the others end what they have begun. */
async function stopAll(relay: Relay, consumers: readonly RunningConsumer[], log: EventLog): Promise<void> {
  await Promise.all([relay.stop(), ...consumers.map((consumer) => consumer.stop())]);
  await log.stop();
}

/** A log that is down fails again and again for one reason. */
function sayOnce(logger: Logger): (error: unknown) => void {
  let said: string | undefined;
  return (error) => {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof UnreadableEvent) {
      logger.error({ reason }, 'event left out');
      return;
    }
    if (reason !== said) logger.warn({ reason }, 'event log not reached');
    said = reason;
  };
}
