import { resuming } from '@tributary/client/graphql-ws';
import type { EmbeddedPostgres } from '@tributary/embedded-postgres';
import { hasRedisServer, startTestPostgres } from '@tributary/testkit';
import type { Client } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { liveThrough, type LifeOptions } from '../support/chaos/live-through.ts';

const timeout = 240_000;
const mostLives = 6;

let postgres: EmbeddedPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres([]);
});
afterAll(() => postgres?.stop());

/** What becomes of the tenth event of one thing on its way into the outbox. */
const meddle = (statement: string): string => `
  create function meddle() returns trigger language plpgsql as $$ begin
    if new.event::json ->> 'channel' = 'thing.t1.counted' and new.event::json -> 'data' ->> 'n' = '10' then
      ${statement}
    end if;
    return new;
  end $$;
  create trigger meddle before insert on outbox for each row execute function meddle();`;

const placeOf = (extensions: unknown) =>
  (extensions as { readonly event?: { readonly cursor?: string; readonly opened?: boolean } } | undefined)
    ?.event ?? {};

/** Goes on where it was for the first time, for ever. */
function keepFirstCursor(client: Client): Client {
  const subscribe: Client['subscribe'] = (payload, sink) => {
    const request: { extensions: { resume: { after?: string } } } = { extensions: { resume: {} } };
    return client.subscribe(Object.assign(request, payload, { extensions: request.extensions }), {
      ...sink,
      next: (result) => {
        const { cursor, opened } = placeOf(result.extensions);
        if (cursor !== undefined) request.extensions.resume.after ??= cursor;
        if (!opened) sink.next(result as never);
      },
      error: (error) => sink.error(error),
      complete: () => sink.complete(),
    });
  };
  return { ...client, subscribe };
}

const saboteurs: Readonly<Record<string, Partial<LifeOptions>>> = {
  'an outbox loses one row': { meddle: meddle('return null;') },
  'one row is marked that was never sent': { meddle: meddle('new.sent_at := now(); new.seq := -1;') },
  'a relay marks before it appends': { relayProgram: 'hasty-relay-process.ts', relayLife: 3 },
  'a gateway fills no gaps': {
    sabotage: 'it does not fill gaps',
    mishaps: [
      'the log loses its connections',
      'the log loses its connections',
      'the log loses its connections',
    ],
  },
  'a gateway swallows one event': { sabotage: 'it swallows one event' },
  'a gateway ends by itself': { sabotage: 'it ends its process once' },
  'a client forgets its cursor': {
    wrapClient: (client) => client,
    mishaps: ['nothing', 'a gateway is killed', 'nothing'],
  },
  'a client keeps its first cursor': { wrapClient: keepFirstCursor, cutPercent: 30 },
};

const calm: Omit<LifeOptions, 'postgres'> = {
  log: 'Redis',
  seed: '1',
  gateways: 1,
  readers: 1,
  mishaps: ['nothing', 'nothing', 'nothing'],
  steps: 60,
  cutPercent: 0,
  patienceMs: 3000,
};

describe.skipIf(!hasRedisServer())('the test of what is lossless', () => {
  it(
    'finds nothing as long as nobody makes a mistake',
    async () => {
      expect(await liveThrough({ ...calm, postgres, cutPercent: 30, wrapClient: resuming })).toEqual([]);
    },
    timeout,
  );

  it.each(Object.keys(saboteurs))(
    'finds out when %s',
    async (name) => {
      let problems: readonly string[] = [];
      // A mistake shows when a connection is cut at the right moment: the longer it lives, the more of them there are.
      for (let life = 1; life <= mostLives && problems.length === 0; life += 1) {
        const options = { ...calm, seed: String(life), steps: calm.steps * life, ...saboteurs[name] };
        const found = await liveThrough({ ...options, postgres });
        problems = found.filter((problem) => problem.startsWith('reader') || problem.endsWith('by itself'));
      }
      process.stdout.write(`${name}: ${problems.length} problems, such as ${problems[0]}\n`);
      expect(problems).not.toEqual([]);
    },
    timeout,
  );
});
