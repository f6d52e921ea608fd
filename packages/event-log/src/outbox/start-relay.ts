import postgres from 'postgres';

import { inTime, NotInTime } from '../in-time.ts';
import { describeReason } from './describe-reason.ts';
import { becomeLeader } from './leadership.ts';
import { lead } from './lead.ts';
import type { OutboxStore } from './outbox-store.ts';
import { outboxChannel } from './outbox.ts';
import { pause } from './pause.ts';
import type { RelayOptions } from './relay-options.ts';
import { waitUntilSent } from './wait-until-sent.ts';
import { WakeUp } from './wake-up.ts';

/** Brings the events of an outbox into the log, or waits to take that over from another process. */
export interface Relay {
  /** Resolves when the log has everything that was committed before, whichever process brings it there. */
  idle(): Promise<void>;
  /** Ends what it is doing and lets another process lead. */
  stop(): Promise<void>;
}

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
        logger.warn({ source, reason: describeReason(error) }, 'relay of events interrupted');
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

/** Waits no longer than that: a database that is frozen says nothing, and the relay would stand still for ever. */
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
      // A plan that was made while the outbox was empty would be kept when it has a million events; and a database that
      // has not looked at them yet would rather read them all than the few that an index tells of.
      plan_cache_mode: 'force_custom_plan',
      enable_seqscan: 'off',
      // A leader whose machine is gone must not keep the lock until the network gives up.
      tcp_keepalives_idle: 5,
      tcp_keepalives_interval: 2,
      tcp_keepalives_count: 3,
    },
  });

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
