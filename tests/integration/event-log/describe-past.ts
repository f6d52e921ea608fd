import { describe, expect, it } from 'vitest';

import { expectSame } from './expect-events.ts';
import { makeEntries, placeEvents } from './make-event.ts';
import { readAll } from './read-all.ts';
import type { LogFixture } from './log-fixture.ts';

/** How the past is read, and what follows it. */
export function describePast(fixture: () => LogFixture): void {
  describe('the past and what follows it', () => {
    it('meet without loss and without repeat while events are appended', async () => {
      const [log, appender] = [fixture().openLog(), fixture().openLog()];
      const entries = placeEvents('posts', 1500);
      await appender.appendAll(entries.slice(0, 300));
      const before = await log.head();
      const appending = (async () => {
        for (let start = 300; start < 1500; start += 50) {
          await appender.appendAll(entries.slice(start, start + 50));
        }
      })();
      const { collector, start } = await fixture().follow(log);
      const past = await readAll(log, before, start);
      await appending;
      await collector.waitFor(1200 - past.length);
      expect(past.length + collector.entries.length).toBe(1200);
      expectSame([...past, ...collector.entries], entries.slice(300));
    });

    it('are waited for where the log is behind what is asked for', async () => {
      const log = fixture().openLog({ retryMs: 10 });
      await log.appendAll(makeEntries('posts.0', 1, 2));
      const reading = readAll(log, new Map([['posts.0', 1]]), new Map([['posts.0', 4]]));
      await log.appendAll(makeEntries('posts.0', 3, 5));
      expect((await reading).map(({ position }) => position.seq)).toEqual([2, 3, 4]);
    });

    it('are not waited for any longer than somebody wants them', async () => {
      const log = fixture().openLog({ retryMs: 10 });
      const abort = new AbortController();
      const range = { after: new Map(), until: new Map([['posts.0', 4]]), signal: abort.signal };
      const reading = Array.fromAsync(log.read(range));
      abort.abort(new Error('gone'));
      await expect(reading).rejects.toThrow('gone');
    });
  });
}
