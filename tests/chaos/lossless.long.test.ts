import type { EmbeddedPostgres } from '@tributary/embedded-postgres';
import { hasRedisServer, seededChance, startTestPostgres } from '@tributary/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { liveThrough } from '../support/chaos/live-through.ts';
import type { LogKind } from '../support/chaos/start-log-server.ts';
import type { Mishap } from '../support/chaos/start-chaos.ts';

/* Another seed by `CHAOS_SEED=…`, or `CHAOS_SEED=random`; each run prints its own. The whole of it: `CHAOS_MUTATIONS=10000`. */

const { CHAOS_SEED = '1', CHAOS_MUTATIONS = '2500' } = process.env;
const seed = CHAOS_SEED === 'random' ? String(Date.now() % 1_000_000) : CHAOS_SEED;

let postgres: EmbeddedPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres([]);
});
afterAll(() => postgres?.stop());

/** Gateways take longest to come back, so they have the fewest. */
const deck: readonly Mishap[] = [
  ...Array.from({ length: 10 }, (): Mishap => 'the log is killed'),
  ...Array.from({ length: 10 }, (): Mishap => 'the log loses its connections'),
  ...Array.from({ length: 10 }, (): Mishap => 'the relay loses its database'),
  ...Array.from({ length: 5 }, (): Mishap => 'a gateway is killed'),
  ...Array.from({ length: 3 }, (): Mishap => 'a gateway is stopped'),
  ...Array.from({ length: 2 }, (): Mishap => 'nothing'),
];

const mutations = Number(CHAOS_MUTATIONS);
/** Seven times what it takes on a machine that does nothing else. */
const timeout = Math.max(600_000, 180 * mutations);
const mutationsPerMishap = 250;

function shuffle(text: string): readonly Mishap[] {
  const chance = seededChance(text);
  return deck
    .map((mishap) => ({ mishap, rank: chance.integer(0, 1_000_000) }))
    .toSorted((one, other) => one.rank - other.rank)
    .map(({ mishap }) => mishap);
}

it.each<LogKind>(['Redis', 'Redis that forgets', 'PostgreSQL'])(
  'thousands of events reach every reader once and in order, whatever is cut or killed, over %s',
  async (log) => {
    if (log !== 'PostgreSQL' && !hasRedisServer()) return;
    const mishaps = shuffle(`${seed} ${log}`).slice(0, Math.ceil(mutations / mutationsPerMishap));
    const steps = Math.ceil(mutations / mishaps.length);
    const life = { log, postgres, seed, mishaps, steps, readers: 3, relayLife: 60, cutPercent: 4 };
    expect(await liveThrough(life)).toEqual([]);
  },
  timeout,
);
