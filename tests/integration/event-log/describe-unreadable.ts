import { UnreadableEvent } from '@tributary/event-log';
import { describe, expect, it } from 'vitest';

import { expectSame } from './expect-events.ts';
import type { LogFixture } from './log-fixture.ts';
import { makeEntries } from './make-event.ts';
import { readAll } from './read-all.ts';

/** What becomes of events that somebody else, or a later version, has written. */
export function describeUnreadable(fixture: () => LogFixture): void {
  describe('what is no event', () => {
    const garbage = ['', 'nonsense', '{"id":1}', `"${'x'.repeat(10_000)}"`];

    it('is left out and told of once, and what comes after it comes', async () => {
      const told: unknown[] = [];
      const log = fixture().openLog({ onError: (error) => told.push(error) });
      const { collector } = await fixture().follow(log);
      const entries = makeEntries('posts.0', 1, 9);
      await log.appendAll(entries.slice(0, 2));
      const others = garbage.map((text, index) => ({ seq: 3 + index, text }));
      const stranger = fixture().space.openStore();
      await stranger.append('posts.0', others, { restart: false });
      await stranger.stop();
      await log.appendAll(entries.slice(6));
      const expected = [...entries.slice(0, 2), ...entries.slice(6)];
      await collector.waitFor(5);
      expectPlaces(collector.places, [1, 2, 7, 8, 9]);
      expect(await readAll(log, new Map(), await log.head())).toEqual(expected);
      const part = await readAll(log, new Map([['posts.0', 1]]), new Map([['posts.0', 5]]));
      expectSame(part, entries.slice(1, 2));
      const { collector: late } = await fixture().follow(log, new Map([['posts.0', 4]]));
      await late.waitFor(3);
      expectPlaces(late.places, [7, 8, 9]);
      expect(told.map((error) => error instanceof UnreadableEvent && error.seq)).toEqual([3, 4, 5, 6]);
    });
  });
}

const expectPlaces = (places: readonly string[], seqs: readonly number[]): void =>
  expect(places).toEqual(seqs.map((seq) => `posts.0:${seq}`));
