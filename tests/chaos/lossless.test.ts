import type { EmbeddedPostgres } from '@tributary/embedded-postgres';
import { hasRedisServer, startTestPostgres } from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { judgeReader } from '../support/chaos/judge-reader.ts';
import { liveThrough } from '../support/chaos/live-through.ts';
import type { LogKind } from '../support/chaos/start-log-server.ts';
import type { Mishap } from '../support/chaos/start-chaos.ts';

/* Some hundreds of events, and each mishap once; the long form has ten thousand. */

const timeout = 180_000;

let postgres: EmbeddedPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres([]);
});
afterAll(() => postgres?.stop());

const mishaps: readonly Mishap[] = [
  'the log loses its connections',
  'the log is killed',
  'a gateway is killed',
  'the relay loses its database',
  'the log is killed',
  'a gateway is stopped',
];

const life = (log: LogKind) =>
  liveThrough({ log, postgres, seed: process.env['CHAOS_SEED'] ?? '1', mishaps, steps: 50 });

describe('every event reaches every reader once and in order, whatever is cut or killed,', () => {
  it.skipIf(!hasRedisServer())(
    'over a Redis that forgets',
    async () => expect(await life('Redis that forgets')).toEqual([]),
    timeout,
  );

  it('over PostgreSQL', async () => expect(await life('PostgreSQL')).toEqual([]), timeout);
});

describe('the judge of these tests notices', () => {
  const steps = new Map([1, 2, 3].map((step) => [`things.0:${step}`, step]));
  const truth = { counts: new Map([['t1', 3]]), steps };
  const problemsOf = (seen: readonly number[], n = 3) =>
    judgeReader(
      {
        name: 'reader',
        thing: 't1',
        shown: seen.map((step) => ({ id: 't1', n, place: `things.0:${step}` })),
        complaints: [],
      },
      truth,
    );

  it.each([
    ['one that is lost', [1, 3], ['reader: t1 goes from 1 to 3']],
    ['the last one, lost', [1, 2], ['reader: t1 ends with 2 of 3']],
    ['one that comes twice', [1, 2, 2, 3], ['reader: t1 goes from 2 to 2']],
    [
      'another order',
      [2, 1, 3],
      ['reader: t1 goes from 0 to 2', 'reader: t1 goes from 2 to 1', 'reader: t1 goes from 1 to 3'],
    ],
    ['one that nobody published', [1, 2, 3, 4], ['reader got t1 at things.0:4']],
    ['nothing when there is nothing', [1, 2, 3], []],
  ])('%s', (_title, seen, problems) => {
    expect(problemsOf(seen)).toEqual(problems);
  });

  it('a thing that is shown as it was before', () => {
    expect(problemsOf([1, 2, 3], 2)).toEqual(['reader: t1 is still 2 at 3']);
  });
});
