import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import type { EmbeddedPostgres } from '@tributary/embedded-postgres';
import { createMemoryEventLog, EventMemory, type Event, type EventLog } from '@tributary/event-log';
import { createDatabase, type Consumer, type Database } from '@tributary/subgraph-kit';
import { createLogger } from '@tributary/telemetry';
import { startTestPostgres } from '@tributary/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

import {
  startConsumer,
  type RunningConsumer,
} from '../../packages/subgraph-kit/src/events/start-consumer.ts';
import { startTasks } from '../../packages/subgraph-kit/src/server/start-tasks.ts';

const logger = createLogger({ name: 'test', level: 'silent' });

let server: EmbeddedPostgres;
beforeAll(async () => {
  server = await startTestPostgres([]);
});
afterAll(() => server?.stop());

let database: Database;
let memory: EventMemory;
let log: EventLog;
let running: RunningConsumer[];
let seq: number;
let tests = 0;
beforeEach(async () => {
  const name = `consumers_${(tests += 1)}`;
  await server.createDatabase(name);
  database = createDatabase({ url: server.url(name) });
  const table = new URL('../../packages/subgraph-kit/src/events/consumed.sql', import.meta.url);
  await database.sql.unsafe(await readFile(table, 'utf8'));
  await database.sql`create table handled (n int)`;
  memory = new EventMemory();
  log = createMemoryEventLog({ memory, retention: { maxEvents: 3 } });
  running = [];
  seq = 0;
});
afterEach(async () => {
  await Promise.all(running.map((consumer) => consumer.stop()));
  await log.stop();
  await database.stop();
});

/** Appends an event that says a number. */
const say = (n: number) => {
  const event: Event = {
    id: randomUUID(),
    channel: 'thing.a.counted',
    type: 'ThingCounted',
    occurredAt: new Date().toISOString(),
    source: 'things',
    entity: { __typename: 'Thing', id: 'a' },
    data: { n },
  };
  return log.append({ partition: 'things.0', seq: (seq += 1) }, event);
};

/** Notes the numbers that it hears, except odd ones. */
const notingEven = (more: Partial<Consumer> = {}): Consumer => ({
  name: 'even',
  isFor: ({ data }) => Number(data?.['n']) % 2 === 0,
  handle: async (sql, { data }) => void (await sql`insert into handled values (${Number(data?.['n'])})`),
  ...more,
});

const handled = async () => {
  const rows = await database.sql<{ n: number }[]>`select n from handled order by n`;
  return rows.map(({ n }) => n);
};

const hasBegun = async () =>
  (await database.sql`select from consumed where consumer = 'even' and partition = ''`).length;

async function start(consumer: Consumer) {
  running.push(startConsumer(consumer, { database, log, logger }));
  await expect.poll(hasBegun).toBe(1);
}

it('handles what happens from now on, each event once, in however many processes', async () => {
  await say(0);
  for (let process = 0; process < 3; process += 1) await start(notingEven());
  for (let n = 1; n <= 12; n += 1) await say(n);
  await expect.poll(handled).toEqual([2, 4, 6, 8, 10, 12]);
});

it('goes on where it ended, and does nothing twice', async () => {
  await start(notingEven());
  await say(2);
  await expect.poll(handled).toEqual([2]);
  await running.pop()?.stop();
  await say(3);
  await say(4);
  await start(notingEven());
  await expect.poll(handled).toEqual([2, 4]);
});

it('keeps nothing of what failed halfway, and tries again', async () => {
  let attempts = 0;
  await start(
    notingEven({
      handle: async (sql, { data }) => {
        await sql`insert into handled values (${Number(data?.['n'])})`;
        if ((attempts += 1) < 3) throw new Error('not yet');
      },
    }),
  );
  await say(2);
  await expect.poll(handled, { timeout: 5000 }).toEqual([2]);
  expect(attempts).toBe(3);
});

it('passes an event over that fails again and again, and goes on with the next', async () => {
  const handle: Consumer['handle'] = async (sql, { data }) => {
    if (data?.['n'] === 2) throw new Error('never');
    await sql`insert into handled values (${Number(data?.['n'])})`;
  };
  await start(notingEven({ handle }));
  await say(2);
  await say(4);
  await expect.poll(handled, { timeout: 10_000 }).toEqual([4]);
});

it('reads the state first where there is one, and again when it was away for too long', async () => {
  let rebuilt = 0;
  const consumer = notingEven({ rebuild: async () => void (rebuilt += 1) });
  await start(consumer);
  expect(rebuilt).toBe(1);
  await say(2);
  await expect.poll(handled).toEqual([2]);
  await running.pop()?.stop();
  for (const n of [4, 6, 8, 10, 12]) await say(n);
  running.push(startConsumer(consumer, { database, log, logger }));
  await expect.poll(() => rebuilt).toBe(2);
  await expect.poll(hasBegun).toBe(1);
  await say(14);
  await expect.poll(handled).toEqual([2, 14]);
});

it('goes on with what is left when it has no state to read', async () => {
  await start(notingEven());
  await say(2);
  await expect.poll(handled).toEqual([2]);
  await running.pop()?.stop();
  for (const n of [4, 6, 8, 10, 12]) await say(n);
  await start(notingEven());
  await expect.poll(handled, { timeout: 5000 }).toEqual([2, 8, 10, 12]);
});

it('runs tasks again and again, also after one has failed, and no more once it is stopped', async () => {
  let runs = 0;
  const run = async () => {
    if ((runs += 1) === 2) throw new Error('once');
  };
  const tasks = startTasks([{ name: 'count', everyMs: 1, run }], database, logger);
  await expect.poll(() => runs).toBeGreaterThan(3);
  await tasks.stop();
  const before = runs;
  const others = startTasks(
    [{ name: 'others', everyMs: 1, run: async () => void (runs += 1000) }],
    database,
    logger,
  );
  await expect.poll(() => runs).toBeGreaterThan(5000);
  await others.stop();
  expect(runs % 1000).toBe(before);
});
