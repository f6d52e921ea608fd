import { EventLogGap } from '../event-log-errors.ts';
import type { AppendOptions } from '../event-log.ts';
import { defaultPartitions } from '../partition.ts';
import type { LoggedEvent } from '../position.ts';
import { describeReason } from './describe-reason.ts';
import type { OutboxStore } from './outbox-store.ts';
import type { RelayOptions } from './relay-options.ts';

/** Sends to the log. What it does not take is said, and false is the answer. */
export function createSender(store: OutboxStore, options: RelayOptions) {
  const { log, source, logger, batchSize = 500, onStep } = options;
  const partitions = Array.from({ length: defaultPartitions }, (_none, index) => `${source}.${index}`);
  let hasFailed = false;

  const append = async (entries: readonly LoggedEvent[], appendOptions?: AppendOptions) => {
    await log.appendAll(entries, appendOptions).catch(asLogFailure);
    await onStep?.('acknowledged');
    await store.mark(lastSeqs(entries));
    await onStep?.('marked');
  };

  /** Appends again what a partition of the log ends before. */
  const resend = async (partition: string, end: number) => {
    let after = end;
    for (;;) {
      const entries = await store.placedAfter(partition, after, batchSize);
      const [first] = entries;
      const last = entries.at(-1);
      if (!first || !last) return;
      await onStep?.('resending');
      // What the log has lost and we have no longer is lost; it goes on from what we have.
      await append(entries, { restart: first.position.seq > after + 1 });
      after = last.position.seq;
    }
  };

  const compare = async () => {
    // The log first: what it is given meanwhile must not look as if it had appeared there by itself.
    const reached = await log.ends(partitions).catch(asLogFailure);
    const given = await store.ends();
    for (const partition of partitions) {
      const end = reached.get(partition) ?? 0;
      const last = given.get(partition) ?? 0;
      if (end < last) {
        logger.info({ source, partition, from: end + 1, to: last }, 'events appended again');
        await resend(partition, end);
      }
      if (end > last) {
        // A database that was set back: its next events must not be taken for those that the log has.
        logger.warn({ source, partition, end, last }, 'the log has more events than the outbox has sent');
        await store.raiseEnd(partition, end);
      }
    }
    await store.mark(reached);
  };

  const unlessLogFails = async (work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      hasFailed = false;
      return true;
    } catch (error: unknown) {
      if (!(error instanceof LogFailure)) throw error;
      const isGap = error.cause instanceof EventLogGap;
      // Once, not with every attempt; a gap is closed by the next one.
      if (!hasFailed && !isGap) {
        logger.warn({ source, reason: describeReason(error.cause) }, 'the event log takes no events');
      }
      hasFailed = !isGap;
      return false;
    }
  };

  return {
    /** Brings the log to where the outbox is. */
    catchUp: () => unlessLogFails(compare),
    send: (entries: readonly LoggedEvent[]) => unlessLogFails(() => append(entries)),
  };
}

/** What the log threw, to tell it from what the database did. */
class LogFailure extends Error {
  constructor(cause: unknown) {
    super('The event log failed', { cause });
  }
}

const asLogFailure = (error: unknown): never => {
  throw new LogFailure(error);
};

const lastSeqs = (entries: readonly LoggedEvent[]): ReadonlyMap<string, number> =>
  new Map(entries.map(({ position }) => [position.partition, position.seq]));
