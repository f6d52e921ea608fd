import { readFile } from 'node:fs/promises';

import type { EmbeddedPostgres } from '@tributary/embedded-postgres';
import { parseEvent, type Event, type LoggedEvent } from '@tributary/event-log';
import { createOutbox } from '@tributary/event-log/outbox';
import postgres from 'postgres';

/** A database with things that count up, and an outbox that says so. */
export interface Things {
  readonly url: string;
  readonly sql: postgres.Sql;
  /** Counts a thing up in a transaction of its own, or in the one given, and says so. */
  count(id: string, tx?: postgres.TransactionSql): Promise<void>;
  /** The events of everything committed so far. */
  committed(): Promise<readonly Event[]>;
  stop(): Promise<void>;
}

/** Makes the database of a source called "things". */
export async function startThings(server: EmbeddedPostgres, database: string): Promise<Things> {
  await server.createDatabase(database);
  const url = server.url(database);
  const sql = postgres(url, { max: 10, onnotice: () => {} });
  const outboxFile = new URL('../../../packages/event-log/src/outbox/outbox.sql', import.meta.url);
  await sql.unsafe(await readFile(outboxFile, 'utf8'));
  await sql`create table things (id text primary key, n int not null)`;

  const count = async (id: string, tx: postgres.TransactionSql) => {
    const [{ n }] = await tx<[{ n: number }]>`
      insert into things values (${id}, 1) on conflict (id) do update set n = things.n + 1 returning n`;
    await createOutbox(tx, 'things').publish({
      type: 'ThingCounted',
      channel: `thing.${id}.counted`,
      entity: { __typename: 'Thing', id },
      data: { n },
    });
  };

  return {
    url,
    sql,
    count: async (id, tx) => {
      await (tx ? count(id, tx) : sql.begin((own) => count(id, own)));
    },
    committed: async () => {
      const rows = await sql<{ event: string }[]>`select event from outbox order by id`;
      return rows.map(({ event }) => parseEvent(event));
    },
    stop: () => sql.end(),
  };
}

/** What a log should hold and does not, and the other way round: nothing for one that lost nothing. */
export function findLosses(committed: readonly Event[], logged: readonly LoggedEvent[]): readonly string[] {
  const problems: string[] = [];
  const seen = new Set(logged.map(({ event }) => event.id));
  for (const { id, channel, data } of committed)
    if (!seen.has(id)) problems.push(`${channel} ${Number(data?.['n'])} is lost`);
  if (seen.size !== logged.length) problems.push(`${logged.length - seen.size} are there twice`);
  const ends = new Map<string, number>();
  const counts = new Map<string, number>();
  for (const { position, event } of logged) {
    const end = ends.get(position.partition) ?? 0;
    if (position.seq !== end + 1) problems.push(`${position.partition} goes from ${end} to ${position.seq}`);
    ends.set(position.partition, position.seq);
    const [before, n] = [counts.get(event.channel) ?? 0, Number(event.data?.['n'])];
    if (n !== before + 1) problems.push(`${event.channel} goes from ${before} to ${n}`);
    counts.set(event.channel, n);
  }
  return problems;
}
