import { rmSync } from 'node:fs';

import { startEmbeddedPostgres, type EmbeddedPostgres } from '@tributary/embedded-postgres';
import {
  createMemoryEventLog,
  EventMemory,
  type EventLog,
  type LogCursor,
  type LoggedEvent,
} from '@tributary/event-log';
import { startRelay, type Relay, type RelayOptions } from '@tributary/event-log/outbox';
import { makeTestFolder, startTestPostgres } from '@tributary/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { findLosses, startThings, type Things } from '../support/outbox/start-things.ts';

let server: EmbeddedPostgres;
beforeAll(async () => {
  server = await startTestPostgres([]);
});
afterAll(() => server?.stop());

let things: Things;
let memory: EventMemory;
let log: EventLog;
let relays: Relay[];
let tests = 0;
beforeEach(async () => {
  things = await startThings(server, `things_${(tests += 1)}`);
  memory = new EventMemory();
  log = createMemoryEventLog({ memory });
  relays = [];
});
afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.stop()));
  await things.stop();
  await log.stop();
});

const silent = { info: () => {}, warn: () => {} };
const start = (options: Partial<RelayOptions> = {}): Relay => {
  const relay = startRelay({
    database: { url: things.url },
    log,
    source: 'things',
    logger: silent,
    electionMs: 20,
    checkMs: 50,
    retryMs: 20,
    ...options,
  });
  relays.push(relay);
  return relay;
};

/** Everything that the log holds. */
async function logged(): Promise<readonly LoggedEvent[]> {
  const all: LoggedEvent[] = [];
  const after: LogCursor = new Map(
    [...memory.partitions].map(([name, { entries }]) => [name, (entries[0]?.seq ?? 1) - 1]),
  );
  for await (const batch of log.read({ after, until: await log.head() })) all.push(...batch);
  return all;
}

/** A promise, and what fulfils it. */
function latch() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}

describe('an event that was committed', () => {
  it('is in the log, before and after the relay was started, in dense order', async () => {
    await things.count('a');
    const relay = start();
    await relay.idle();
    expect(await logged()).toHaveLength(1);
    for (const id of ['a', 'b', 'a', 'c', 'a']) await things.count(id);
    await relay.idle();
    expect(await logged()).toHaveLength(6);
    expect(findLosses(await things.committed(), await logged())).toEqual([]);
  });

  it('is brought there without waiting for the next look', async () => {
    const leads = latch();
    const relay = start({
      checkMs: 3_600_000,
      onStep: (step) => (step === 'reading' ? leads.open() : undefined),
    });
    await leads.opened;
    await things.count('a');
    await relay.idle();
    expect(await logged()).toHaveLength(1);
  });

  it('is nothing when it was rolled back', async () => {
    const relay = start();
    const failing = things.sql.begin(async (tx) => {
      await things.count('a', tx);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await things.count('a');
    await relay.idle();
    expect((await logged()).map(({ event }) => event.data)).toEqual([{ n: 1 }]);
  });

  it('waits for older transactions, and is not passed over because it was late', async () => {
    const [written, done] = [latch(), latch()];
    const older = things.sql.begin(async (tx) => {
      await things.count('slow', tx);
      written.open();
      await done.opened;
    });
    await written.opened;
    let readings = 0;
    const looked = latch();
    const relay = start({
      onStep: (step) => {
        if (step === 'reading' && (readings += 1) === 5) looked.open();
      },
    });
    await things.count('quick');
    await looked.opened;
    const early = await logged();
    done.open();
    await older;
    expect(early).toEqual([]);
    await relay.idle();
    expect(findLosses(await things.committed(), await logged())).toEqual([]);
  });
});

describe('many writers and several replicas', () => {
  it('keep the order of each entity, whoever leads', async () => {
    const replicas = [start(), start(), start()];
    const writer = async (seed: number) => {
      for (let index = 0; index < 40; index += 1) await things.count(`t${(seed + index) % 5}`);
    };
    await Promise.all(Array.from({ length: 8 }, (_none, seed) => writer(seed)));
    await replicas[0]?.idle();
    expect(await logged()).toHaveLength(320);
    expect(findLosses(await things.committed(), await logged())).toEqual([]);
  });

  it('go on when the connections of the leader are cut, again and again', async () => {
    const replicas = [1, 2, 3].map(() => start());
    for (let round = 0; round < 6; round += 1) {
      await Promise.all(Array.from({ length: 10 }, (_none, index) => things.count(`t${index % 3}`)));
      await things.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'relay' and datname = current_database()`;
    }
    await things.count('last');
    await replicas[0]?.idle();
    expect(findLosses(await things.committed(), await logged())).toEqual([]);
  });
});

it('goes on when the database comes back, and is idle when all of it is there', async () => {
  const folder = makeTestFolder('relay');
  const first = await startEmbeddedPostgres({ folder, databases: [] });
  const own = await startThings(first, 'things');
  start({ database: { url: own.url } });
  const relay = start({ database: { url: own.url } });
  await own.count('a');
  await relay.idle();
  await first.stop();
  const second = await startEmbeddedPostgres({ folder, databases: [], port: first.port });
  try {
    await own.count('a');
    await own.count('b');
    await relay.idle();
    expect(findLosses(await own.committed(), await logged())).toEqual([]);
    expect(await logged()).toHaveLength(3);
  } finally {
    await Promise.all(relays.map((running) => running.stop()));
    await own.stop();
    await second.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('a log', () => {
  it('that takes nothing makes events wait, and no mutation', async () => {
    let isDown = true;
    const relay = start({
      log: {
        ends: (partitions) => (isDown ? Promise.reject(new Error('down')) : log.ends(partitions)),
        appendAll: (entries, options) =>
          isDown ? Promise.reject(new Error('down')) : log.appendAll(entries, options),
      },
    });
    for (const id of ['a', 'b', 'a']) await things.count(id);
    isDown = false;
    await relay.idle();
    isDown = true;
    await things.count('a');
    isDown = false;
    await relay.idle();
    expect(findLosses(await things.committed(), await logged())).toEqual([]);
  });

  it('that took events and did not say so has each of them once', async () => {
    let isSilent = true;
    const relay = start({
      log: {
        ends: (partitions) => log.ends(partitions),
        appendAll: async (entries, options) => {
          const outcomes = await log.appendAll(entries, options);
          if (isSilent) throw new Error('connection lost');
          return outcomes;
        },
      },
    });
    for (const id of ['a', 'b', 'a']) await things.count(id);
    await expect.poll(async () => (await logged()).length).toBe(3);
    isSilent = false;
    await things.count('a');
    await relay.idle();
    expect(findLosses(await things.committed(), await logged())).toEqual([]);
  });

  it('that has lost everything, or its end, gets it again by itself', async () => {
    const relay = start({ batchSize: 7 });
    for (let index = 0; index < 40; index += 1) await things.count(`t${index % 3}`);
    await relay.idle();
    memory.partitions.clear();
    await expect.poll(async () => (await logged()).length).toBe(40);
    for (const held of memory.partitions.values()) {
      held.last -= held.entries.splice(-2).length;
    }
    await things.count('t0');
    await expect.poll(async () => (await logged()).length).toBe(41);
    expect(findLosses(await things.committed(), await logged())).toEqual([]);
  });

  it('goes on from what is still kept when the outbox has forgotten the beginning', async () => {
    const first = start();
    await things.count('a');
    await things.count('a');
    await first.idle();
    await first.stop();
    await things.sql`update outbox set sent_at = now() - interval '2 days' where id = (select min(id) from outbox)`;
    const second = start();
    await things.count('a');
    await second.idle();
    await expect.poll(async () => (await things.committed()).length).toBe(2);
    memory.partitions.clear();
    await expect.poll(async () => (await logged()).map(({ event }) => event.data?.['n'])).toEqual([2, 3]);
  });

  it('that is ahead of a database that was set back loses no event to that', async () => {
    const first = start();
    for (let index = 0; index < 3; index += 1) await things.count('a');
    await first.idle();
    await first.stop();
    await things.sql`delete from outbox where seq > 1`;
    await things.sql`update outbox_ends set last_seq = 1`;
    await things.sql`update things set n = 3`;
    const second = start();
    await things.count('a');
    await second.idle();
    expect((await logged()).map(({ event }) => event.data?.['n'])).toEqual([1, 2, 3, 4]);
  });
});

describe('the judge of these tests notices', () => {
  it('one row that was dropped', async () => {
    const relay = start();
    await things.count('a');
    await relay.idle();
    await relay.stop();
    for (const id of ['a', 'b']) await things.count(id);
    const committed = await things.committed();
    await things.sql`delete from outbox where id = (select min(id) from outbox where seq is null)`;
    const next = start();
    await next.idle();
    expect(findLosses(committed, await logged())).toContain('thing.a.counted 2 is lost');
  });

  it('a relay that goes on from the last id that it has seen', async () => {
    const [written, done] = [latch(), latch()];
    const older = things.sql.begin(async (tx) => {
      await things.count('slow', tx);
      written.open();
      await done.opened;
    });
    await written.opened;
    await things.count('quick');
    let last = 0;
    const relayOnce = async () => {
      const rows = await things.sql<{ id: string; partition: string; event: string }[]>`
        select id, partition, event from outbox where id > ${last} order by id`;
      for (const { id, partition, event } of rows) {
        const ends = await log.ends([partition]);
        await log.append({ partition, seq: (ends.get(partition) ?? 0) + 1 }, JSON.parse(event));
        last = Number(id);
      }
    };
    await relayOnce();
    done.open();
    await older;
    await relayOnce();
    expect(findLosses(await things.committed(), await logged())).toEqual(['thing.slow.counted 1 is lost']);
  });
});

describe('an outbox that keeps what it has sent', () => {
  it('is not read through with every look', async () => {
    const looks = countLooks();
    start({ checkMs: 5, onStep: looks.onStep });
    // Whatever the database remembers of how to look, it remembers of an empty outbox.
    await looks.reach(20);
    const kept = 1000;
    await things.sql`
      insert into outbox (partition, event, seq, sent_at)
      select 'elsewhere.0', '{}', seq, now() from generate_series(1, ${kept}::int) as seq`;
    const [before] = await things.sql<{ rows: number }[]>`
      select count(*)::int as rows from outbox where sent_at is not null`;
    expect(before?.rows).toBe(kept);
    await looks.reach(looks.count + 50);
    await Promise.all(relays.map((relay) => relay.stop()));
    expect(await rowsRead(things)).toBeLessThan(5 * kept);
  });
});

/** Counts how often a relay looks for what there is to do. */
function countLooks() {
  let wanted = Infinity;
  let reached = latch();
  const looks = {
    count: 0,
    onStep: (step: string) => {
      if (step === 'reading') looks.count += 1;
      if (looks.count >= wanted) reached.open();
    },
    reach: async (count: number) => {
      wanted = count;
      reached = latch();
      if (looks.count < count) await reached.opened;
    },
  };
  return looks;
}

/** Rows of the outbox that were read one after the other; sessions tell of theirs when they end. */
async function rowsRead({ sql }: Things): Promise<number> {
  await expect
    .poll(
      () =>
        sql`select from pg_stat_activity where datname = current_database() and application_name = 'relay'`,
    )
    .toHaveLength(0);
  const [row] = await sql<{ read: string }[]>`
    select seq_tup_read as read from pg_stat_user_tables where relname = 'outbox'`;
  return Number(row?.read);
}
