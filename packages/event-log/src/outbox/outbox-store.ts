import type postgres from 'postgres';

import type { Event } from '../event.ts';
import type { LoggedEvent } from '../position.ts';
import { writeArray } from '../postgres/write-array.ts';

/** The session is not the one that became the leader: another process may be it now. */
export class LeadershipLost extends Error {
  override readonly name = 'LeadershipLost';

  constructor() {
    super('The session that held the lock of the relay is gone');
  }
}

interface PlacedRow {
  readonly partition: string;
  /** A bigint comes as text. */
  readonly seq: string;
  readonly event: string;
}

/** All the SQL of a leader. */
export interface OutboxStore {
  /**
   * Gives places to the oldest events that have none, in the order in which they were written, and tells them. Only to
   * those that no running transaction can write an older one beside.
   */
  place(limit: number): Promise<readonly LoggedEvent[]>;
  /** Whether there are events without a place, visible or not yet. */
  hasUnplaced(): Promise<boolean>;
  /** The last place given in each partition. */
  ends(): Promise<ReadonlyMap<string, number>>;
  /** Gives no place up to this one any more: the log has others there. */
  raiseEnd(partition: string, seq: number): Promise<void>;
  /** What a partition has from a place on, as far as it is still kept. */
  placedAfter(partition: string, seq: number, limit: number): Promise<readonly LoggedEvent[]>;
  /** Notes that the log has everything up to these places. */
  mark(reached: ReadonlyMap<string, number>): Promise<void>;
  /** Deletes some of what was sent long ago; says how many. */
  prune(olderThanMs: number, limit: number): Promise<number>;
}

/** @param token what the leader's session knows, and no other one */
export const createOutboxStore = (sql: postgres.Sql, token: string): OutboxStore => ({
  // One statement: the places are given and kept, or they are not. A session that took the leader's place finds none.
  place: async (limit) => {
    const rows = await sql<PlacedRow[]>`
      with ready as (
        select id, partition, row_number() over (partition by partition order by id) as step
        from (
          select id, partition from outbox
          where seq is null and written_by < pg_snapshot_xmin(pg_current_snapshot())
            and current_setting('tributary.leader', true) = ${token}
          order by id
          limit ${limit}
        ) as oldest
      ), counted as (
        select partition, count(*) as count from ready group by partition
      ), ends as (
        insert into outbox_ends (partition, last_seq) select partition, count from counted
        on conflict (partition) do update set last_seq = outbox_ends.last_seq + excluded.last_seq
        returning partition, last_seq
      )
      update outbox set seq = ends.last_seq - counted.count + ready.step
      from ready join counted using (partition) join ends using (partition)
      where outbox.id = ready.id
      returning outbox.partition, outbox.seq, outbox.event`;
    return toLoggedEvents(rows);
  },

  hasUnplaced: async () => {
    const [row] = await sql<[{ isLeader: boolean | null; hasUnplaced: boolean }]>`
      select current_setting('tributary.leader', true) = ${token} as "isLeader",
        exists (select from outbox where seq is null) as "hasUnplaced"`;
    if (!row.isLeader) throw new LeadershipLost();
    return row.hasUnplaced;
  },

  ends: async () => {
    const rows = await sql<{ partition: string; lastSeq: string }[]>`
      select partition, last_seq as "lastSeq" from outbox_ends`;
    return new Map(rows.map(({ partition, lastSeq }) => [partition, Number(lastSeq)]));
  },

  raiseEnd: async (partition, seq) => {
    await sql`
      insert into outbox_ends (partition, last_seq) values (${partition}, ${seq})
      on conflict (partition) do update set last_seq = greatest(outbox_ends.last_seq, excluded.last_seq)`;
  },

  placedAfter: async (partition, seq, limit) => {
    const rows = await sql<PlacedRow[]>`
      select partition, seq, event from outbox
      where partition = ${partition} and seq > ${seq}
      order by seq
      limit ${limit}`;
    return toLoggedEvents(rows);
  },

  mark: async (reached) => {
    const partitions = writeArray([...reached.keys()]);
    const seqs = writeArray([...reached.values()].map(String));
    await sql`
      update outbox set sent_at = now()
      from unnest(${partitions}::text[], ${seqs}::bigint[]) as reached (partition, seq)
      where outbox.partition = reached.partition and outbox.seq <= reached.seq and sent_at is null`;
  },

  prune: async (olderThanMs, limit) => {
    // The oldest first, so that the index of sendings is read from its beginning, and mostly no further.
    const { count } = await sql`
      with old as materialized (
        select id from outbox
        where sent_at < now() - ${olderThanMs}::float8 * interval '1 millisecond'
        order by sent_at
        limit ${limit}
      )
      delete from outbox using old where outbox.id = old.id`;
    return count;
  },
});

/** In the order that each partition has. */
const toLoggedEvents = (rows: readonly PlacedRow[]): readonly LoggedEvent[] =>
  rows
    .map(({ partition, seq, event }) => ({
      position: { partition, seq: Number(seq) },
      event: JSON.parse(event) as Event,
    }))
    .toSorted((one, other) => one.position.seq - other.position.seq);
