import { EventLogStopped } from '@tributary/event-log';
import { describe, expect, it } from 'vitest';

import { makeEntries, makeEvent } from './make-event.ts';
import { readAll } from './read-all.ts';
import type { LogFixture } from './log-fixture.ts';

/** What is left of a log that is stopped. */
export function describeStop(fixture: () => LogFixture): void {
  describe('a stop', () => {
    it('leaves nothing open', async () => {
      const before = await fixture().space.countConnections();
      const log = fixture().openLog();
      await log.appendAll(makeEntries('posts.0', 1, 5));
      const { collector } = await fixture().follow(log);
      await log.stop();
      await collector.ended;
      await expect.poll(() => fixture().space.countConnections()).toBe(before);
      await log.stop();
    });

    it('ends what is waited for, and refuses what comes after it', async () => {
      const log = fixture().openLog();
      const reading = readAll(log, new Map(), new Map([['posts.0', 4]]));
      await log.stop();
      await expect(reading).rejects.toThrow(EventLogStopped);
      await expect(log.append({ partition: 'posts.0', seq: 1 }, makeEvent())).rejects.toThrow(
        EventLogStopped,
      );
      const tail = log.tail({ signal: new AbortController().signal });
      await expect(tail.ready).rejects.toThrow(EventLogStopped);
      expect(await Array.fromAsync(tail.events)).toEqual([]);
    });
  });
}
