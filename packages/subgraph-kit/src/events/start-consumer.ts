import { setTimeout as delay } from 'node:timers/promises';

import { toError } from '@tributary/errors';
import {
  CursorTooOld,
  EventLogStopped,
  type EventLog,
  type LogCursor,
  type LoggedEvent,
} from '@tributary/event-log';
import type { Logger } from '@tributary/telemetry';

import { DatabaseUnavailable } from '../database/database-errors.ts';
import type { Database } from '../database/database.ts';
import { createProgress, handleOnce, type Consumer } from './consumer.ts';

export interface ConsumerParts {
  readonly database: Database;
  readonly log: Pick<EventLog, 'head' | 'tail'>;
  readonly logger: Logger;
}

/** Reads the log until it is stopped. */
export interface RunningConsumer {
  /** Ends the event that is being handled. */
  stop(): Promise<void>;
}

const retryMs = 250;
/** An event that fails so often is passed over and said: all that come after it would wait for ever. */
const maxAttempts = 5;

/**
 * Starts a consumer in one process; every process of the subgraph runs it. It goes on where it ended, and begins with
 * what happens from now on when it never ran.
 */
export function startConsumer(consumer: Consumer, parts: ConsumerParts): RunningConsumer {
  const { database, logger } = parts;
  const stopping = new AbortController();
  const { signal } = stopping;
  const progress = createProgress(database.sql, consumer.name);

  const run = async () => {
    while (!signal.aborted) {
      try {
        await follow(await beginning());
      } catch (error: unknown) {
        if (signal.aborted || error instanceof EventLogStopped) return;
        await recover(error);
      }
    }
  };

  const beginning = async (): Promise<LogCursor> => {
    const reached = await progress.read();
    if (reached) return reached;
    const head = await parts.log.head();
    await consumer.rebuild?.(database, signal);
    await progress.begin(head);
    return (await progress.read()) ?? new Map();
  };

  const follow = async (after: LogCursor) => {
    for await (const batch of parts.log.tail({ after, signal }).events) {
      for (const entry of batch) if (consumer.isFor(entry.event)) await handle(entry);
    }
  };

  /** Tries until it is done, or until there is no hope; a database that is down is waited for. */
  const handle = async (entry: LoggedEvent) => {
    for (let attempt = 1; !signal.aborted;) {
      try {
        await database.transaction((sql) => handleOnce(sql, consumer, entry));
        return;
      } catch (thrown: unknown) {
        const isDown = DatabaseUnavailable.isCause(thrown) || thrown instanceof DatabaseUnavailable;
        const details = { consumer: consumer.name, event: entry.event.id, reason: toError(thrown).message };
        if (!isDown && attempt >= maxAttempts) {
          logger.error(details, 'event passed over: it could not be handled');
          return;
        }
        logger.warn(details, 'event not handled: it is tried again');
        if (!isDown) attempt += 1;
        await pause(retryMs, signal);
      }
    }
  };

  let said: string | undefined;
  const recover = async (thrown: unknown) => {
    const details = { consumer: consumer.name, reason: toError(thrown).message };
    if (thrown instanceof CursorTooOld) {
      if (consumer.rebuild) {
        logger.info(details, 'away for longer than the log reaches back: it begins anew');
        await progress.forget().catch(() => pause(retryMs, signal));
        return;
      }
      logger.error(details, 'events lost: they are older than the log');
      // A database that is down is tried again by the next round, which finds the same.
      await progress.skipTo(thrown.partition, thrown.oldest - 1).catch(() => pause(retryMs, signal));
      return;
    }
    // Once for each reason: whoever it waits for may be away for long.
    if (said !== details.reason) logger.warn(details, 'consumer interrupted: it is tried again');
    said = details.reason;
    await pause(retryMs, signal);
  };

  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** Ends early, and not in an error, when the signal fires. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined);
