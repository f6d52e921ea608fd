import { generateKeyPairSync } from 'node:crypto';

import type { EmbeddedPostgres } from '@tributary/embedded-postgres';
import { openEventLog, type LoggedEvent } from '@tributary/event-log';
import { seededChance } from '@tributary/testkit';

import { startThings, type Things } from '../outbox/start-things.ts';
import { startCountingSupergraph } from './counting-supergraph.ts';
import { Gateways } from './gateways.ts';
import { judgeReader, stepsOf, type Truth } from './judge-reader.ts';
import { Reader, type ReaderOptions } from './reader.ts';
import { Relays } from './relays.ts';
import type { LogSabotage } from './sabotage-log.ts';
import { endSessions, startLogServer, type LogKind, type LogServer } from './start-log-server.ts';

export interface ChaosOptions {
  readonly log: LogKind;
  /** Decides what chance decides. */
  readonly seed: string;
  /** Where things are counted. */
  readonly postgres: EmbeddedPostgres;
  /** The name of a database that does not exist yet. */
  readonly database: string;
  /** @default 2 */
  readonly gateways?: number;
  /** How many readers follow each thing, and how many all of them. @default 2 */
  readonly readers?: number;
  /** Up to so many times a leader comes to the step where it is killed. @default 8 */
  readonly relayLife?: number;
  /** How many of a hundred steps cut off a reader. @default 10 */
  readonly cutPercent?: number;
  /** A mistake of the gateways. @default none */
  readonly sabotage?: LogSabotage | undefined;
  /** A statement that makes a mistake of the database. @default none */
  readonly meddle?: string;
  /** @default the real one */
  readonly relayProgram?: string | undefined;
  readonly wrapClient?: ReaderOptions['wrap'];
}

/** What can happen to a system. */
export type Mishap =
  | 'the log is killed'
  | 'the log loses its connections'
  | 'a gateway is killed'
  | 'a gateway is stopped'
  | 'the relay loses its database'
  | 'nothing';

const things = ['t1', 't2', 't3', 't4', 't5'];
const writers = 4;
/** Nobody needs longer to come back, on a busy machine. */
const patienceMs = 15_000;

/**
 * The way of an event through real parts: a database, relays and gateways in processes of their own, a log in a server of
 * its own, clients with sockets. All of them may be cut, and all but the database killed.
 */
export class Chaos {
  readonly things: Things;
  readonly readers: readonly Reader[];
  readonly relays: Relays;
  readonly #log: LogServer;
  readonly #gateways: Gateways;
  readonly #chance: ReturnType<typeof seededChance>;
  readonly #parts: AsyncDisposableStack;
  readonly #cutPercent: number;
  #nextGateway = 0;

  constructor(
    options: ChaosOptions,
    parts: {
      readonly things: Things;
      readonly log: LogServer;
      readonly gateways: Gateways;
      readonly stack: AsyncDisposableStack;
    },
  ) {
    this.things = parts.things;
    this.#log = parts.log;
    this.#gateways = parts.gateways;
    this.#chance = seededChance(options.seed);
    this.#parts = parts.stack;
    this.#cutPercent = options.cutPercent ?? 10;
    this.relays = new Relays({
      databaseUrl: this.things.url,
      logUrl: this.#log.url,
      chance: seededChance(`${options.seed} relays`),
      losesData: options.log === 'Redis that forgets',
      maxLife: options.relayLife ?? 8,
      program: options.relayProgram,
    });
    this.#parts.defer(() => this.relays.stop());
    this.readers = this.#startReaders(options);
    this.#parts.defer(async () => void (await Promise.all(this.readers.map((reader) => reader.stop()))));
  }

  /** Counts things, so many steps in all, while something happens and clients are cut off. */
  async live(steps: number, mishap: Mishap): Promise<void> {
    this.relays.refill();
    await Promise.all([this.#count(steps), this.#happen(mishap)]);
  }

  /** Lets everything come back, waits until the last event has reached everybody, and says what is wrong. */
  async judge(patience = patienceMs): Promise<readonly string[]> {
    await this.relays.calm();
    await this.subscribed();
    if (this.#gateways.problems.length > 0) return this.#gateways.problems;
    for (const id of things) await this.things.count(id);
    await this.untilSent();
    const truth = await this.#truth();
    await this.#untilShown(truth, patience);
    const ends = [...this.relays.problems, ...this.#gateways.problems];
    return [...ends, ...this.readers.flatMap((reader) => judgeReader(reader, truth))];
  }

  /** Resolves when all readers are subscribed, or a gateway is gone that nobody starts again. */
  async subscribed(): Promise<void> {
    const until = performance.now() + 8 * patienceMs;
    for (;;) {
      const count = await this.#gateways.subscriptions();
      if (count === this.readers.length || this.#gateways.problems.length > 0) return;
      if (performance.now() > until) throw new Error(`${count} of ${this.readers.length} are subscribed`);
      await pause(20);
    }
  }

  async untilSent(): Promise<void> {
    const { sql } = this.things;
    const until = performance.now() + 4 * patienceMs;
    for (;;) {
      const rows = await sql<{ partition: string; placed: number; waiting: number }[]>`
        select partition, count(seq)::int as placed, count(*)::int as waiting from outbox
        where sent_at is null group by partition`;
      if (rows.length === 0) return;
      if (performance.now() > until) throw new Error(`The relay has not sent ${JSON.stringify(rows)}`);
      await pause(20);
    }
  }

  /** Everything that the log holds. */
  async logged(): Promise<readonly LoggedEvent[]> {
    const log = openEventLog({ url: this.#log.url });
    try {
      const all: LoggedEvent[] = [];
      for await (const batch of log.read({ after: new Map(), until: await log.head() })) all.push(...batch);
      return all;
    } finally {
      await log.stop();
    }
  }

  /** What has happened, for whoever reads the output of a test. */
  describe(): string {
    const sum = (count: (reader: Reader) => number) =>
      this.readers.reduce((total, reader) => total + count(reader), 0);
    const kills = [...this.relays.kills].map(([step, count]) => `${count} ${step}`).join(', ');
    return [
      `${sum(({ shown }) => shown.length)} results for ${this.readers.length} readers`,
      `${sum(({ counts }) => counts.connections)} connections`,
      `${sum(({ counts }) => counts.renewals)} subscriptions renewed after an error`,
      `leaders killed: ${kills || 'none'}`,
    ].join('; ');
  }

  stop(): Promise<void> {
    return this.#parts.disposeAsync();
  }

  #startReaders({ readers = 2, wrapClient }: ChaosOptions): readonly Reader[] {
    const url = () => this.#chance.pick(this.#gateways.urls);
    return [...things, undefined].flatMap((thing) =>
      Array.from(
        { length: readers },
        (_none, index) =>
          new Reader({
            name: `reader ${index + 1} of ${thing ?? 'all'}`,
            url,
            thing,
            selectsMore: index % 2 === 1,
            ...(wrapClient && { wrap: wrapClient }),
          }),
      ),
    );
  }

  async #count(steps: number): Promise<void> {
    let left = steps;
    const write = async () => {
      while (left > 0) {
        left -= 1;
        await this.things.count(this.#chance.pick(things));
        if (this.#chance.happens(this.#cutPercent)) this.#chance.pick(this.readers).cut();
      }
    };
    await Promise.all(Array.from({ length: writers }, write));
  }

  async #happen(mishap: Mishap): Promise<void> {
    switch (mishap) {
      case 'the log is killed':
        await this.#log.kill();
        await this.#count(20);
        return this.#log.start();
      case 'the log loses its connections':
        return this.#log.cutConnections();
      case 'a gateway is killed':
        return this.#gateways.replace(this.#anyGateway(), 'SIGKILL');
      case 'a gateway is stopped':
        return this.#gateways.replace(this.#anyGateway(), 'SIGTERM');
      case 'the relay loses its database':
        return endSessions(this.things.url, 'relay');
      case 'nothing':
        return undefined;
    }
  }

  /** Each in turn. */
  #anyGateway(): number {
    return this.#nextGateway++ % this.#gateways.urls.length;
  }

  async #truth(): Promise<Truth> {
    const rows = await this.things.sql<{ id: string; n: number }[]>`select id, n from things`;
    return { counts: new Map(rows.map(({ id, n }) => [id, n])), steps: stepsOf(await this.logged()) };
  }

  /** Resolves when everybody has the last event of each thing, or nobody hears anything any more. */
  async #untilShown(truth: Truth, patience: number): Promise<void> {
    const count = () => this.readers.reduce((sum, { shown }) => sum + shown.length, 0);
    let [last, lastAt] = [count(), performance.now()];
    while (!this.readers.every((reader) => hasTheLast(reader, truth))) {
      await pause(20);
      if (count() !== last) [last, lastAt] = [count(), performance.now()];
      else if (performance.now() - lastAt > patience) return;
    }
  }
}

function hasTheLast({ thing, shown }: Reader, { counts, steps }: Truth): boolean {
  const followed = thing === undefined ? [...counts.keys()] : [thing];
  return followed.every((id) => {
    const last = shown.findLast((each) => each.id === id);
    return last !== undefined && steps.get(last.place) === counts.get(id);
  });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const { privateKey } = generateKeyPairSync('ed25519');

/** Starts all parts; readers are subscribed when it resolves, and no thing is counted yet. */
export async function startChaos(options: ChaosOptions): Promise<Chaos> {
  const stack = new AsyncDisposableStack();
  try {
    const things = await startThings(options.postgres, options.database);
    stack.defer(() => things.stop());
    if (options.meddle) await things.sql.unsafe(options.meddle);
    const log = await startLogServer(options.log);
    stack.defer(() => log.stop());
    const supergraph = await startCountingSupergraph(things.sql);
    stack.defer(() => supergraph.stop());
    const gateways = await Gateways.start(options.gateways ?? 2, {
      SUPERGRAPH: supergraph.file,
      EVENTS_URL: log.url,
      SABOTAGE: options.sabotage ?? '',
      IDENTITY_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      JWT_JWKS_URL: 'http://127.0.0.1:9/jwks.json',
      LOG_LEVEL: 'error',
      PLANNING_THREADS: '2',
      SUPERGRAPH_WATCH: 'false',
      RECONNECT_SPREAD_MS: '50',
      DRAIN_TIMEOUT_MS: '2000',
      FETCH_TIMEOUT_MS: '60000',
    });
    stack.defer(() => gateways.stop());
    const chaos = new Chaos(options, { things, log, gateways, stack });
    await chaos.subscribed();
    return chaos;
  } catch (error: unknown) {
    await stack.disposeAsync();
    throw error;
  }
}
