import { setTimeout as delay } from 'node:timers/promises';

import { CursorTooOld } from '@tributary/event-log';
import { describe, expect, it } from 'vitest';

import { Collector } from './collector.ts';
import { expectSame, seqsOf } from './expect-events.ts';
import { makeEntries, placeEvents } from './make-event.ts';
import { readAll } from './read-all.ts';
import type { LogFixture } from './log-fixture.ts';

/** Where a tail begins, what it follows and how it ends. */
export function describeTails(fixture: () => LogFixture): void {
  describe('a tail', () => {
    it('begins at the end of the log and follows all of its partitions', async () => {
      const log = fixture().openLog();
      await log.appendAll([...makeEntries('posts.0', 1, 3), ...makeEntries('users.0', 1, 1)]);
      const { collector, start } = await fixture().follow(log);
      expect(start).toEqual(
        new Map([
          ['posts.0', 3],
          ['users.0', 1],
        ]),
      );
      const entries = [...makeEntries('posts.0', 4, 6), ...makeEntries('users.0', 2, 2)];
      await log.appendAll(entries);
      await collector.waitFor(4);
      expectSame(collector.entries, entries);
    });

    it('begins after a cursor', async () => {
      const log = fixture().openLog();
      await log.appendAll([...makeEntries('posts.0', 1, 1200), ...makeEntries('users.0', 1, 2)]);
      const { collector } = await fixture().follow(log, new Map([['posts.0', 3]]));
      await collector.waitFor(1199);
      expect(seqsOf(collector.entries)).toEqual({
        'posts.0': Array.from({ length: 1197 }, (_, index) => index + 4),
        'users.0': [1, 2],
      });
    });

    it('follows partitions that appear later, of whatever source, from their beginning', async () => {
      const [log, other] = [fixture().openLog(), fixture().openLog()];
      await log.appendAll(makeEntries('posts.0', 1, 2));
      const { collector } = await fixture().follow(log);
      await other.appendAll([...makeEntries('posts.3', 1, 3), ...makeEntries('comments.0', 1, 2)]);
      await other.appendAll(makeEntries('users.1', 90, 91), { restart: true });
      await collector.waitFor(7);
      expect(seqsOf(collector.entries)).toEqual({
        'posts.3': [1, 2, 3],
        'comments.0': [1, 2],
        'users.1': [90, 91],
      });
    });

    it('begins on a log that is empty', async () => {
      const log = fixture().openLog();
      const { collector, start } = await fixture().follow(log);
      expect(start).toEqual(new Map());
      await fixture()
        .openLog()
        .appendAll(makeEntries('posts.0', 1, 2));
      await collector.waitFor(2);
      expect(collector.places).toEqual(['posts.0:1', 'posts.0:2']);
    });

    it('goes on when another one of the same log ends', async () => {
      const log = fixture().openLog();
      const [first, second] = [await fixture().follow(log), await fixture().follow(log)];
      first.abort.abort();
      await first.collector.ended;
      await log.appendAll(makeEntries('posts.0', 1, 2));
      await second.collector.waitFor(2);
      expect(first.collector.places).toEqual([]);
    });

    it('ends when its reader leaves the loop', async () => {
      const log = fixture().openLog();
      const { signal } = new AbortController();
      const tail = log.tail({ signal });
      await tail.ready;
      await log.appendAll(makeEntries('posts.0', 1, 1));
      for await (const batch of tail.events) {
        expect(batch).toHaveLength(1);
        break;
      }
      expect(await Array.fromAsync(tail.events)).toEqual([]);
    });

    it('lets what its reader does not take wait in the store', async () => {
      const log = fixture().openLog({ maxWaiting: 10 });
      const { signal } = new AbortController();
      const tail = log.tail({ signal });
      await tail.ready;
      const entries = placeEvents('posts', 3000);
      for (let start = 0; start < 3000; start += 300) await log.appendAll(entries.slice(start, start + 300));
      const collector = new Collector(tail.events);
      await collector.waitFor(3000);
      expect(collector.entries).toHaveLength(3000);
      expectSame(collector.entries, entries);
    });

    it('says so when the log no longer holds what comes next', async () => {
      const log = fixture().openLog({ retention: { maxEvents: 100 } });
      for (let first = 1; first <= 901; first += 100)
        await log.appendAll(makeEntries('posts.0', first, first + 99));
      const tail = log.tail({ after: new Map([['posts.0', 5]]), signal: new AbortController().signal });
      await expect(tail.ready).rejects.toThrow(CursorTooOld);
      await expect(Array.fromAsync(tail.events)).rejects.toThrow(CursorTooOld);
      await expect(readAll(log, new Map([['posts.0', 5]]), await log.head())).rejects.toThrow(CursorTooOld);
      const newest = await readAll(log, new Map([['posts.0', 950]]), await log.head());
      expect(newest).toHaveLength(50);
    });

    it('keeps events for a time, and the newest for ever', async () => {
      const log = fixture().openLog({ retention: { maxAgeMs: 1 } });
      await log.appendAll(makeEntries('posts.0', 1, 90));
      await delay(5); // the time that they are kept
      await log.appendAll(makeEntries('posts.0', 91, 100));
      await expect(readAll(log, new Map(), await log.head())).rejects.toThrow(CursorTooOld);
      expect(await log.head()).toEqual(new Map([['posts.0', 100]]));
    });
  });
}
