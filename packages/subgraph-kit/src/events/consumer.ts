import type { Event, LoggedEvent } from '@tributary/event-log';
import type postgres from 'postgres';

import type { Database } from '../database/database.ts';

/** What a subgraph does with events, its own or another's. */
export interface Consumer {
  /** What it has read is kept under this name; one of another name begins anew. */
  readonly name: string;
  /** Whether an event is of interest; the others cost no statement. */
  isFor(event: Event): boolean;
  /**
   * Does what the event asks for, in a transaction that also keeps that it was done: each event is handled once,
   * whichever process does it and however often it is tried.
   */
  handle(sql: postgres.TransactionSql, event: Event): Promise<void>;
  /**
   * Reads the state that the events of the log build on, before the first of them is handled, and again when the log
   * no longer reaches back to where the consumer was. What happens meanwhile is handled afterwards, so what is read
   * may be newer than an event. Tried until it resolves. @default it begins with what happens from now on
   */
  rebuild?(database: Database, signal: AbortSignal): Promise<void>;
}

/** The table `consumed`. */
const initialised = '';

/** Reads and keeps how far a consumer has come; the rows of a partition are one process's at a time. */
export const createProgress = (sql: postgres.Sql, consumer: string) => ({
  /** The place after which to go on; absent when it never began. */
  read: async (): Promise<ReadonlyMap<string, number> | undefined> => {
    const rows = await sql<{ partition: string; seq: string }[]>`
      select partition, seq from consumed where consumer = ${consumer}`;
    if (rows.length === 0) return undefined;
    return new Map(
      rows.flatMap(({ partition, seq }) => (partition === initialised ? [] : [[partition, Number(seq)]])),
    );
  },
  /** Where it begins, unless another process was first. */
  begin: async (cursor: ReadonlyMap<string, number>): Promise<void> => {
    const places = [[initialised, 0] as const, ...cursor];
    await sql`
      insert into consumed (consumer, partition, seq)
      select ${consumer}, partition, seq
      from unnest(${places.map(([name]) => name)}::text[], ${places.map(([, seq]) => seq)}::bigint[])
        as place (partition, seq)
      on conflict (consumer, partition) do nothing`;
  },
  /** Lets it begin anew. */
  forget: async (): Promise<void> => {
    await sql`delete from consumed where consumer = ${consumer}`;
  },
  /** Gives up what comes before a place: what the log no longer has cannot be waited for. */
  skipTo: async (partition: string, seq: number): Promise<void> => {
    await sql`
      insert into consumed (consumer, partition, seq) values (${consumer}, ${partition}, ${seq})
      on conflict (consumer, partition) do update set seq = greatest(consumed.seq, excluded.seq)`;
  },
});

/** Handles an event unless that was done before, and keeps that it is done. */
export async function handleOnce(
  sql: postgres.TransactionSql,
  { name, handle }: Consumer,
  { position: { partition, seq }, event }: LoggedEvent,
): Promise<void> {
  // The row is made first, so that there is one to hold: two processes read the same event at the same time.
  await sql`
    insert into consumed (consumer, partition, seq) values (${name}, ${partition}, 0)
    on conflict (consumer, partition) do nothing`;
  const [reached] = await sql<{ seq: string }[]>`
    select seq from consumed where consumer = ${name} and partition = ${partition} for update`;
  if (!reached || Number(reached.seq) >= seq) return;
  await handle(sql, event);
  await sql`update consumed set seq = ${seq} where consumer = ${name} and partition = ${partition}`;
}
