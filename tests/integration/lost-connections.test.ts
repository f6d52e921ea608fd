import type { EmbeddedPostgres } from '@tributary/embedded-postgres';
import { createDatabase, DatabaseUnavailable, type Database } from '@tributary/subgraph-kit';
import { seededChance, startTestPostgres } from '@tributary/testkit';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

/*
 * What becomes of statements and transactions whose connection is cut. The driver is patched for it (decision 26); as it
 * is published, it fails all of these, and most of them by ending the process.
 */

const poolSize = 2;
const victim = 'victim';

let server: EmbeddedPostgres;
let others: postgres.Sql;
let database: Database;
beforeAll(async () => {
  server = await startTestPostgres(['things']);
  others = postgres(server.url('things'), { max: 1, onnotice: () => {} });
  await others`create table things (transaction int not null, step int not null)`;
});
afterAll(async () => {
  await others?.end();
  await server?.stop();
});
beforeEach(async () => {
  database = createDatabase({ url: server.url('things'), poolSize, applicationName: victim });
  await others`truncate things`;
});
afterEach(() => database.stop());

/** Cuts all connections of the pool, and says how many there were. */
const cut = async () =>
  (await others`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${victim}`)
    .count;

const isInTransaction = async (count: number) =>
  expect
    .poll(async () => {
      const rows = await others`
        select from pg_stat_activity where application_name = ${victim} and state = 'idle in transaction'`;
      return rows.count;
    })
    .toBe(count);

/** Whether each connection of the pool can be had: those that are stuck are not. */
const answersOnEach = () =>
  Promise.all(
    Array.from({ length: 4 * poolSize }, async () => (await database.sql`select 1 as one`)[0]?.['one']),
  );

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a connection that is cut', () => {
  it('fails the transaction that waits for its answer', async () => {
    const failure = failureOf(database.transaction((sql) => sql`select pg_sleep(60)`));
    await expect.poll(cut).toBe(1);
    expect(await failure).toBeInstanceOf(DatabaseUnavailable);
    expect(await answersOnEach()).toEqual(Array.from({ length: 4 * poolSize }, () => 1));
  });

  it('fails a transaction that is between two statements, with all that it waits to send', async () => {
    const goOn = Promise.withResolvers<void>();
    const failures: unknown[] = [];
    const failure = failureOf(
      database.transaction(async (sql) => {
        await sql`insert into things values (1, 1)`;
        await goOn.promise;
        for (let step = 2; step <= 4; step += 1)
          failures.push(await failureOf(sql`insert into things values (1, ${step})`));
      }),
    );
    await isInTransaction(1);
    expect(await cut()).toBe(1);
    expect(await failure).toBeInstanceOf(DatabaseUnavailable);
    // Somebody else has the connection that it had, and must not become part of it.
    expect(await answersOnEach()).toEqual(Array.from({ length: 4 * poolSize }, () => 1));
    goOn.resolve();
    await expect.poll(() => failures.length).toBe(3);
    expect(failures.every((each) => each instanceof DatabaseUnavailable)).toBe(true);
    expect(await others`select * from things`).toEqual([]);
  });

  it('fails more statements of a transaction than may be under way', async () => {
    const goOn = Promise.withResolvers<void>();
    const failure = failureOf(
      database.transaction(async (sql) => {
        await sql`select 1`;
        const all = Array.from({ length: 300 }, () => sql`select pg_sleep(60)`.then(String, String));
        void Promise.all(all).then(() => goOn.resolve());
        await Promise.all(all);
      }),
    );
    await expect
      .poll(
        async () =>
          (
            await others`select from pg_stat_activity where query like '%pg_sleep(60)%' and application_name = ${victim}`
          ).count,
      )
      .toBe(1);
    expect(await cut()).toBe(1);
    expect(await failure).toBeInstanceOf(DatabaseUnavailable);
    await goOn.promise;
  });

  it('ends each transaction whole or not at all, at whatever moment it comes', async () => {
    const chance = seededChance('lost connections');
    const committed: number[] = [];
    let failed = 0;
    const steps = 5;
    const commit = async (transaction: number) => {
      try {
        await database.transaction(async (sql) => {
          for (let step = 1; step <= steps; step += 1)
            await sql`insert into things values (${transaction}, ${step})`;
        });
        committed.push(transaction);
      } catch (error: unknown) {
        if (!(error instanceof DatabaseUnavailable)) throw error;
        failed += 1;
      }
    };
    const transactions = 100;
    for (let transaction = 1; transaction <= transactions; transaction += 2) {
      const both = Promise.all([commit(transaction), commit(transaction + 1)]);
      for (let turns = chance.integer(0, 12); turns > 0; turns -= 1) await new Promise(setImmediate);
      await cut();
      await both;
    }
    expect(committed.length + failed).toBe(transactions);
    expect(Math.min(committed.length, failed)).toBeGreaterThan(transactions / 10);
    const rows = await others<{ transaction: number; steps: number }[]>`
      select transaction, count(*)::int as steps from things group by transaction`;
    expect(rows.filter((row) => row.steps !== steps)).toEqual([]);
    const there = new Set(rows.map(({ transaction }) => transaction));
    expect(committed.filter((transaction) => !there.has(transaction))).toEqual([]);
    expect(await answersOnEach()).toEqual(Array.from({ length: 4 * poolSize }, () => 1));
  });
});
