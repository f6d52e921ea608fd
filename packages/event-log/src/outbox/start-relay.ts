import { setTimeout as delay } from 'node:timers/promises';

import postgres from 'postgres';

import { EventLogGap } from '../event-log-errors.ts';
import type { AppendOptions, EventLog } from '../event-log.ts';
import { inTime, NotInTime } from '../in-time.ts';
import { defaultPartitions } from '../partition.ts';
import type { LoggedEvent } from '../position.ts';
import { becomeLeader } from './leadership.ts';
import { outboxChannel } from './outbox.ts';
import type { OutboxStore } from './outbox-store.ts';
import { WakeUp } from './wake-up.ts';

/**
 * What a leader has just done, for tests that end it there: it reads on, it has given places to events, it has sent
 * them again, the log has said that it has them, it has noted that.
 */
export type RelayStep = 'reading' | 'placed' | 'resending' | 'acknowledged' | 'marked';

export interface RelayOptions {
  /** The subgraph's own database. */
  readonly database: {
    readonly url: string;
    /** The name that the database shows for the relay's sessions. @default 'relay' */
    readonly applicationName?: string;
  };
  readonly log: Pick<EventLog, 'appendAll' | 'ends'>;
  /** The subgraph's name. */
  readonly source: string;
  /** Is told of what goes wrong; it is tried again. */
  readonly logger: RelayLogger;
  /** Sent events are kept so long, should the log lose them: as long as the log keeps them itself. @default a day */
  readonly keepMs?: number;
  /** So many events are sent at once. @default 500 */
  readonly batchSize?: number;
  /** How often those who are not the leader try to be. @default 250 */
  readonly electionMs?: number;
  /** How often the leader asks the log whether it still has everything, and looks for events without being woken. @default 1000 */
  readonly checkMs?: number;
  /** How long it waits when the log or the database failed. @default 250 */
  readonly retryMs?: number;
  /** Is told how many events the log has taken. @default nobody is told */
  readonly onSent?: (count: number) => void;
  /** For tests: is called, and waited for, at each step. @default nothing */
  readonly onStep?: (step: RelayStep) => void | Promise<void>;
}

export interface RelayLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** Brings the events of an outbox into the log, or waits to take that over from another process. */
export interface Relay {
  /** Resolves when the log has everything that was committed before, whichever process brings it there. */
  idle(): Promise<void>;
  /** Ends what it is doing and lets another process lead. */
  stop(): Promise<void>;
}

/** How soon to look again for events that an older transaction still hides; twice as late each time, to a bound. */
const hiddenMs = { first: 5, most: 160 } as const;
const pruneLimit = 1000;

/**
 * Starts the relay of a subgraph in one of its processes. Of all of them one leads: it gives each event its place in
 * a partition of the log, keeps that, and then appends, so whoever follows it appends the same at the same place. An
 * event that the log has is noted, and kept for a while: when the log lost it, it is appended again.
 *
 * @example
 * const relay = startRelay({ database: { url }, log, source: 'posts', logger });
 */
export function startRelay(options: RelayOptions): Relay {
  const { database, source, logger, electionMs = 250, retryMs = 250 } = options;
  let sql = connect(database);
  const wakeUp = new WakeUp();
  const stopping = new AbortController();
  let isListening = false;

  const listen = async () => {
    if (isListening) return;
    isListening = true;
    try {
      const listening = sql.listen(
        outboxChannel,
        () => wakeUp.ring(),
        // Also after a lost connection: what was said meanwhile nobody has heard.
        () => wakeUp.ring(),
      );
      await settled(listening);
    } catch (error: unknown) {
      isListening = false;
      throw error;
    }
  };

  const tryToLead = async (): Promise<boolean> => {
    await listen();
    const leadership = await settled(becomeLeader(sql));
    if (!leadership) return false;
    logger.info({ source }, 'leading the relay of events');
    try {
      await lead(settling(leadership.store), options, wakeUp, stopping.signal);
      return true;
    } finally {
      await settled(leadership.release());
    }
  };

  /** Leaves behind what never answers; the database ends its sessions. */
  const reconnect = () => {
    void sql.end({ timeout: 0 }).catch(() => {});
    sql = connect(database);
    isListening = false;
  };

  const run = async () => {
    while (!stopping.signal.aborted) {
      try {
        if (!(await tryToLead())) await pause(electionMs, stopping.signal);
      } catch (error: unknown) {
        if (stopping.signal.aborted) return;
        if (error instanceof NotInTime) reconnect();
        logger.warn({ source, reason: describe(error) }, 'relay of events interrupted');
        await pause(retryMs, stopping.signal);
      }
    }
  };
  const running = run();

  return {
    idle: () => waitUntilSent(database.url),
    stop: async () => {
      stopping.abort();
      wakeUp.ring();
      await running;
      await settled(sql.end({ timeout: 5 })).catch(() => {});
    },
  };
}

// Longer than the database takes to give a statement up: what has not settled by then never will.
const statementTimeoutMs = 10_000;
const settledWithinMs = statementTimeoutMs + 5000;

/**
 * Waits no longer than that. A statement of postgres.js whose connection is cut at the wrong moment is never settled, and
 * the relay would stand still for ever.
 */
const settled = <T>(statement: Promise<T>): Promise<T> => inTime('The database', statement, settledWithinMs);

/** One connection leads, and postgres.js opens a second one that listens. */
const connect = ({ url, applicationName = 'relay' }: RelayOptions['database']): postgres.Sql =>
  postgres(url, {
    max: 1,
    // Whoever closes it gives the lead away.
    max_lifetime: null,
    onnotice: () => {},
    // A connection that is cut while it asks for them would end the process.
    fetch_types: false,
    connect_timeout: 5,
    backoff: (attempts) => Math.min(0.1 * 2 ** attempts, 1),
    connection: {
      application_name: applicationName,
      statement_timeout: statementTimeoutMs,
      // A leader whose machine is gone must not keep the lock until the network gives up.
      tcp_keepalives_idle: 5,
      tcp_keepalives_interval: 2,
      tcp_keepalives_count: 3,
    },
  });

/** Leads until it is told to stop, or its connection is lost. */
async function lead(
  store: OutboxStore,
  options: RelayOptions,
  wakeUp: WakeUp,
  signal: AbortSignal,
): Promise<void> {
  const { batchSize = 500, checkMs = 1000, retryMs = 250, keepMs = 86_400_000, onStep, onSent } = options;
  const sender = createSender(store, options);
  let isInStep = false;
  let checkAt = 0;
  let nextHiddenMs: number = hiddenMs.first;
  while (!signal.aborted) {
    if (!isInStep || performance.now() >= checkAt) {
      isInStep = await sender.catchUp();
      if (!isInStep) {
        await pause(retryMs, signal);
        continue;
      }
      await store.prune(keepMs, pruneLimit);
      checkAt = performance.now() + checkMs;
    }
    await onStep?.('reading');
    const placed = await store.place(batchSize);
    if (placed.length > 0) {
      await onStep?.('placed');
      isInStep = await sender.send(placed);
      if (isInStep) onSent?.(placed.length);
    }
    if (placed.length === batchSize || !isInStep) continue;
    if (placed.length > 0) nextHiddenMs = hiddenMs.first;
    const untilCheckMs = Math.max(0, checkAt - performance.now());
    if (await store.hasUnplaced()) {
      await wakeUp.wait(Math.min(nextHiddenMs, untilCheckMs));
      nextHiddenMs = Math.min(2 * nextHiddenMs, hiddenMs.most);
    } else {
      await wakeUp.wait(untilCheckMs);
    }
  }
}

/** The same store, whose statements always settle. */
const settling = (store: OutboxStore): OutboxStore => ({
  place: (limit) => settled(store.place(limit)),
  hasUnplaced: () => settled(store.hasUnplaced()),
  ends: () => settled(store.ends()),
  raiseEnd: (partition, seq) => settled(store.raiseEnd(partition, seq)),
  placedAfter: (partition, seq, limit) => settled(store.placedAfter(partition, seq, limit)),
  mark: (reached) => settled(store.mark(reached)),
  prune: (olderThanMs, limit) => settled(store.prune(olderThanMs, limit)),
});

/** Sends to the log. What it does not take is said, and false is the answer. */
function createSender(store: OutboxStore, options: RelayOptions) {
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
        logger.warn({ source, reason: describe(error.cause) }, 'the event log takes no events');
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

/** Asks until nothing is left that was there when we began. */
async function waitUntilSent(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {}, fetch_types: false });
  try {
    const [{ last }] = await sql<[{ last: string | null }]>`select max(id) as last from outbox`;
    if (last === null) return;
    for (;;) {
      const [{ isSent }] = await sql<[{ isSent: boolean }]>`
        select not exists (select from outbox where sent_at is null and id <= ${last}) as "isSent"`;
      if (isSent) return;
      await delay(10);
    }
  } finally {
    await sql.end();
  }
}

/** Ends early, and not in an error, when the signal fires. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined);

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));
