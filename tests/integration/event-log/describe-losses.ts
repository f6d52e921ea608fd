import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { bind } from './bind-store.ts';
import { expectSame, seqsOf } from './expect-events.ts';
import { makeEntries, placeEvents } from './make-event.ts';
import { dropNotices } from './sabotages.ts';
import type { LogFixture } from './log-fixture.ts';

/** What a tail does about notices that get lost. */
export function describeLosses(fixture: () => LogFixture): void {
  describe('a tail whose notices get lost', () => {
    const losses: [string, (index: number) => boolean][] = [
      ['every third', (index) => index % 3 === 0],
      ['all but some', (index) => index % 50 !== 49],
      ['all', () => true],
    ];

    it.each(losses)('gets everything although it never hears of %s', async (_name, isLost) => {
      const follower = fixture().openLog({ checkMs: 100, sabotage: dropNotices(isLost) });
      const { collector } = await fixture().follow(follower);
      const entries = placeEvents('posts', 500);
      const log = fixture().openLog();
      for (let start = 0; start < 500; start += 20) await log.appendAll(entries.slice(start, start + 20));
      await collector.waitFor(500);
      expect(collector.entries).toHaveLength(500);
      expectSame(collector.entries, entries);
    });

    it('stands still, and skips nothing, when it cannot read what they left out', async () => {
      const follower = fixture().openLog({
        checkMs: 10,
        sabotage: (store) => dropNotices((index) => index === 2)({ ...bind(store), page: async () => [] }),
      });
      const { collector } = await fixture().follow(follower);
      const log = fixture().openLog();
      for (const { position, event } of makeEntries('posts.0', 1, 6)) await log.append(position, event);
      await log.appendAll(makeEntries('posts.1', 1, 1));
      // A later event of another partition: what could have come has come, unless its notice brings no event.
      await Promise.race([collector.waitFor(3), delay(200)]);
      expect((seqsOf(collector.entries)['posts.0'] ?? []).every((seq) => seq < 3)).toBe(true);
    });
  });
}
