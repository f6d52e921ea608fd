import { randomUUID } from 'node:crypto';

import type postgres from 'postgres';

import { stringifyEvent } from '../check-event.ts';
import type { Event } from '../event.ts';
import { defaultPartitions, partitionOf } from '../partition.ts';

/** What a mutation says; the rest of the envelope is made here. */
export type NewEvent = Omit<Event, 'id' | 'occurredAt' | 'source'>;

/** Writes events beside what they tell of. */
export interface Outbox {
  /**
   * Writes events in the transaction that this outbox was made for: they are published when it commits, and never were
   * when it does not. Call it after the entity's row was written or locked, since their order is that of the calls.
   *
   * @throws {InvalidEvent} for what is no event, or larger than 7 KiB
   */
  publish(...events: readonly NewEvent[]): Promise<void>;
}

/** Statements of a transaction. */
type Sql = postgres.Sql | postgres.TransactionSql;

/** Whom the relay listens to. */
export const outboxChannel = 'outbox';

/**
 * The outbox of a subgraph, in one transaction.
 *
 * @param source the subgraph's name, as it stands in the supergraph
 */
export const createOutbox = (sql: Sql, source: string): Outbox => ({
  publish: async (...events) => {
    if (events.length === 0) return;
    const occurredAt = new Date().toISOString();
    const complete = events.map((event): Event => ({ id: randomUUID(), ...event, occurredAt, source }));
    await sql`
      with written as (
        insert into outbox (event_id, partition, event)
        select id, partition, event
        from unnest(
          ${complete.map(({ id }) => id)}::uuid[],
          ${complete.map(({ entity }) => partitionOf(source, entity, defaultPartitions))}::text[],
          ${complete.map(stringifyEvent)}::text[]
        ) with ordinality as list (id, partition, event, position)
        order by position
        returning 1
      )
      select pg_notify(${outboxChannel}, '') from written limit 1`;
  },
});
