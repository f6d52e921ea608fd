import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { EmbeddedPostgres } from '@tributary/embedded-postgres';
import { createPostgresEventLog, type EventLog, type LoggedEvent } from '@tributary/event-log';
import { startTestPostgres } from '@tributary/testkit';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { findLosses, startThings, type Things } from '../support/outbox/start-things.ts';

const program = fileURLToPath(new URL('../support/outbox/relay-process.ts', import.meta.url));

let server: EmbeddedPostgres;
beforeAll(async () => {
  server = await startTestPostgres([]);
});
afterAll(() => server?.stop());

let things: Things;
let logUrl: string;
let log: EventLog;
let children: ChildProcess[];
let tests = 0;
beforeEach(async () => {
  things = await startThings(server, `things_${(tests += 1)}`);
  await server.createDatabase(`log_${tests}`);
  logUrl = server.url(`log_${tests}`);
  log = createPostgresEventLog({ url: logUrl });
  children = [];
});
afterEach(async () => {
  await Promise.all(children.map(end));
  await log.stop();
  await things.stop();
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** A replica of the relay, in a process of its own. */
function startReplica(faultStep = '', faultCount = 1) {
  const env = {
    ...process.env,
    DATABASE_URL: things.url,
    LOG_URL: logUrl,
    FAULT_STEP: faultStep,
    FAULT_COUNT: String(faultCount),
  };
  const child = fork(program, { env, execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  children.push(child);
  const killed = once(child, 'exit');
  const failed = killed.then(([code]) =>
    Promise.reject(new Error(`Expected a leader, but it ended with ${code}`)),
  );
  const leads = Promise.race([once(child, 'message'), failed]);
  // Who waits for neither of them has no interest in it.
  leads.catch(() => {});
  failed.catch(() => {});
  return { leads, killed };
}

async function logged(): Promise<readonly LoggedEvent[]> {
  const all: LoggedEvent[] = [];
  for await (const batch of log.read({ after: new Map(), until: await log.head() })) all.push(...batch);
  return all;
}

/** Resolves when the log has as many events as were committed. */
const untilRelayed = async () => {
  const { length } = await things.committed();
  await expect.poll(async () => (await logged()).length, { timeout: 20_000 }).toBe(length);
};

/** Writers that go on until they are told to stop. */
function startWriters(count: number) {
  const stopping = new AbortController();
  const write = async (seed: number) => {
    for (let index = 0; !stopping.signal.aborted; index += 1) await things.count(`t${(seed + index) % 5}`);
  };
  const writing = Promise.all(Array.from({ length: count }, (_none, seed) => write(seed)));
  return async () => {
    stopping.abort();
    await writing;
  };
}

describe('nothing is lost, doubled or out of order when the leader is killed', () => {
  it.each([
    ['before it reads what was committed', 'reading', 3],
    ['between giving places and appending', 'placed', 3],
    ['when half of it is appended', 'half appended', 1],
    ['between appending and hearing of it', 'appended', 3],
    ['between hearing of it and noting that', 'acknowledged', 3],
    ['after noting that', 'marked', 3],
  ])('%s', async (_title, step, count) => {
    const first = startReplica(step, count);
    await first.leads;
    const second = startReplica();
    const stopWriting = startWriters(2);
    const [, signal] = (await first.killed) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
    await second.leads;
    await stopWriting();
    await untilRelayed();
    expect(findLosses(await things.committed(), await logged())).toEqual([]);
  });

  it('while it appends again what the log has lost', async () => {
    const honest = startReplica();
    for (let index = 0; index < 60; index += 1) await things.count(`t${index % 3}`);
    await untilRelayed();
    await Promise.all(children.map(end));
    await honest.killed;
    const sql = postgres(logUrl, { max: 1 });
    const tables = await sql<{ name: string }[]>`
      select tablename as name from pg_tables where schemaname = 'public'`;
    for (const { name } of tables) await sql`truncate ${sql(name)}`;
    await sql.end();
    const dying = startReplica('resending', 2);
    await dying.killed;
    startReplica();
    await untilRelayed();
    expect(findLosses(await things.committed(), await logged())).toEqual([]);
  });

  it('again and again, one leader after the other', async () => {
    const steps = ['placed', 'appended', 'acknowledged', 'reading', 'half appended', 'placed'];
    const stopWriting = startWriters(2);
    for (const step of steps) await startReplica(step, step === 'half appended' ? 1 : 2).killed;
    await stopWriting();
    startReplica();
    await untilRelayed();
    expect(findLosses(await things.committed(), await logged())).toEqual([]);
  });
});
