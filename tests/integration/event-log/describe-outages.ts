import { EventLogStopped, type LoggedEvent } from '@tributary/event-log';
import { describe, expect, it } from 'vitest';

import { appendStubbornly } from './append-stubbornly.ts';
import { expectSame } from './expect-events.ts';
import { makeEntries, placeEvents } from './make-event.ts';
import type { Following, LogFixture } from './log-fixture.ts';

/** What happens while the store is away. */
export function describeOutages(fixture: () => LogFixture): void {
  describe('a store that goes away and comes back', () => {
    it('is followed without a gap over cut connections', async ({ skip }) => {
      const { cutConnections } = fixture().server;
      if (!cutConnections) {
        skip('has no connections');
        return;
      }
      const { collector } = await fixture().follow(fixture().openLog());
      const entries = placeEvents('posts', 600);
      const appending = appendStubbornly(fixture().openLog(), entries);
      let cut = 0;
      for (let count = 100; count <= 400; count += 100) {
        await collector.waitFor(count);
        cut += await cutConnections();
      }
      await appending;
      await collector.waitFor(entries.length);
      expect(cut).toBeGreaterThan(0);
      expectSame(collector.entries, entries);
    });

    it('is followed without a gap over a restart, and appended to', async ({ skip }) => {
      const { restart } = fixture().server;
      if (!restart) {
        skip('is not a server');
        return;
      }
      const [follower, log] = [fixture().openLog(), fixture().openLog()];
      const entries = placeEvents('posts', 300);
      const { collector } = await fixture().follow(follower);
      await log.appendAll(entries.slice(0, 100));
      const appending = Promise.withResolvers<void>();
      await restart(async () => {
        const [entry] = entries.slice(100) as [LoggedEvent];
        await expect(log.append(entry.position, entry.event)).rejects.toBeInstanceOf(Error);
        appendStubbornly(log, entries).then(appending.resolve, appending.reject);
      });
      await appending.promise;
      await collector.waitFor(entries.length);
      expectSame(collector.entries, entries);
    });

    it('may be away when a tail begins and when it ends', async ({ skip }) => {
      const { restart } = fixture().server;
      if (!restart) {
        skip('is not a server');
        return;
      }
      const [follower, stopped] = [fixture().openLog({ retryMs: 20 }), fixture().openLog()];
      let following: Promise<Following> | undefined;
      await restart(async () => {
        following = fixture().follow(follower, new Map());
        const tail = stopped.tail({ signal: new AbortController().signal });
        const { ready } = tail;
        ready.catch(() => {});
        await stopped.stop();
        await expect(ready).rejects.toThrow(EventLogStopped);
      });
      const collector = (await following)?.collector;
      await fixture()
        .openLog()
        .appendAll(makeEntries('posts.0', 1, 3));
      await collector?.waitFor(3);
    });
  });
}
