import { readFileSync } from 'node:fs';

import postgres from 'postgres';

import { EventLogStopped } from '../event-log-errors.ts';
import { defaultRetention, type Retention } from '../event-log.ts';
import { inTime } from '../in-time.ts';
import type { AppendedRange, LogStore, PartitionBounds, StoredEntry, StoreListener } from '../log-store.ts';
import { writeArray } from './write-array.ts';

export interface PostgresStoreOptions {
  /** A database of the log's own, whose owner we are: its tables are made when they are missing. */
  readonly url: string;
  readonly retention?: Retention;
  /** Connections besides the one that listens. @default 4 */
  readonly poolSize?: number;
  /** @default nobody is told */
  readonly onError?: (error: unknown) => void;
}

const channel = 'event_log';
const schema = readFileSync(new URL('schema.sql', import.meta.url), 'utf8');
/** Longer waits would keep the log down after its database is back. */
const maxReconnectSeconds = 1;

const answerTo = <T>(statement: Promise<T>): Promise<T> => inTime('PostgreSQL', statement);

/** Keeps events in a table. A notice says only how far a partition reaches: it is small, and does not say who may know. */
export class PostgresStore implements LogStore {
  readonly #sql: postgres.Sql;
  readonly #retention: Required<Retention>;
  readonly #onError: (error: unknown) => void;
  readonly #listeners = new Set<StoreListener>();
  #preparing: Promise<void> | undefined;
  #listening: Promise<unknown> | undefined;
  #isStopped = false;

  constructor({ url, retention, poolSize = 4, onError = () => {} }: PostgresStoreOptions) {
    this.#retention = { ...defaultRetention, ...retention };
    this.#onError = onError;
    this.#sql = postgres(url, {
      max: poolSize,
      idle_timeout: 30,
      connect_timeout: 5,
      backoff: (attempts) => Math.min(0.05 * 2 ** attempts, maxReconnectSeconds),
      onnotice: () => {},
      // A connection that is cut while it asks for them ends the process: the driver leaves that error to nobody.
      fetch_types: false,
      connection: {
        application_name: 'tributary-event-log',
        statement_timeout: 10_000,
        // A plan that was made while the log was empty would be kept when it has a million events.
        plan_cache_mode: 'force_custom_plan',
      },
    });
  }

  async append(
    partition: string,
    entries: readonly StoredEntry[],
    { restart }: { readonly restart: boolean },
  ): Promise<AppendedRange> {
    const sql = await this.#prepared();
    const seqs = writeArray(entries.map(({ seq }) => String(seq)));
    const texts = writeArray(entries.map(({ text }) => text));
    const { maxEvents, maxAgeMs } = this.#retention;
    const [row] = await answerTo(sql<[{ before: string; after: string }]>`
      select range[1] as before, range[2] as after
      from event_log_append(
        ${partition}, ${seqs}::bigint[], ${texts}::text[], ${restart},
        ${maxEvents}, make_interval(secs => ${maxAgeMs / 1000})
      ) as range`);
    return { before: Number(row.before), after: Number(row.after) };
  }

  async partitions(): Promise<readonly string[]> {
    const sql = await this.#prepared();
    const rows = await answerTo(sql<{ partition: string }[]>`select partition from event_log_partitions`);
    return rows.map(({ partition }) => partition);
  }

  async bounds(partition: string): Promise<PartitionBounds> {
    const sql = await this.#prepared();
    const [row] = await answerTo(sql<{ first: string; last: string }[]>`
      select first_seq as first, last_seq as last from event_log_partitions where partition = ${partition}`);
    return { first: Number(row?.first ?? 0), last: Number(row?.last ?? 0) };
  }

  async page(partition: string, after: number, limit: number): Promise<readonly StoredEntry[]> {
    const sql = await this.#prepared();
    const rows = await answerTo(sql<{ seq: string; event: string }[]>`
      select seq, event from event_log where partition = ${partition} and seq > ${after}
      order by seq limit ${limit}`);
    return rows.map(({ seq, event }) => ({ seq: Number(seq), text: event }));
  }

  /** One connection listens for all, and goes on to: the driver cannot take back a listener after a reconnect. */
  async listen(listener: StoreListener): Promise<() => Promise<void>> {
    const sql = await this.#prepared();
    this.#listening ??= sql
      .listen(
        channel,
        (notice) => this.#tell(notice),
        () => this.#missed(),
      )
      .catch((error: unknown) => {
        this.#listening = undefined;
        throw error;
      });
    await this.#listening;
    this.#listeners.add(listener);
    return async () => void this.#listeners.delete(listener);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#listeners.clear();
    await this.#sql.end({ timeout: 1 });
  }

  /** Makes what is missing, once; the lock is for those that start at the same time. */
  async #prepared(): Promise<postgres.Sql> {
    if (this.#isStopped) throw new EventLogStopped();
    this.#preparing ??= this.#prepare().catch((error: unknown) => {
      this.#preparing = undefined;
      throw error;
    });
    await this.#preparing;
    return this.#sql;
  }

  async #prepare(): Promise<void> {
    await this.#sql.begin(async (sql) => {
      await sql`select pg_advisory_xact_lock(hashtext('tributary event log'))`;
      await sql.unsafe(schema);
    });
  }

  #tell(notice: string): void {
    const [partition = '', seq] = notice.split(' ');
    try {
      for (const listener of this.#listeners) listener.appended(partition, Number(seq));
    } catch (error: unknown) {
      this.#onError(error);
    }
  }

  #missed(): void {
    for (const listener of this.#listeners) listener.missed();
  }
}
