import { CursorTooOld, EventLogGap, InvalidEvent, type LoggedEvent } from '@tributary/event-log';
import { describe, expect, it } from 'vitest';

import { expectSame, seqsOf } from './expect-events.ts';
import { makeEntries, makeEvent, placeEvents } from './make-event.ts';
import { readAll } from './read-all.ts';
import type { LogFixture } from './log-fixture.ts';

/** What an append does, and what it refuses. */
export function describeAppends(fixture: () => LogFixture): void {
  describe('an append', () => {
    it('takes what comes next, and takes it once', async () => {
      const log = fixture().openLog();
      const [first, second] = makeEntries('posts.0', 1, 2) as [LoggedEvent, LoggedEvent];
      expect(await log.append(first.position, first.event)).toBe('appended');
      expect(await log.append(first.position, first.event)).toBe('known');
      expect(await log.appendAll([first, second])).toEqual(['known', 'appended']);
      expect(await readAll(log, new Map(), await log.head())).toEqual([first, second]);
    });

    it('answers for entries of many partitions in the order in which they were given', async () => {
      const log = fixture().openLog();
      const [a, b] = [makeEntries('posts.0', 1, 2), makeEntries('users.3', 1, 2)];
      await log.appendAll(a.slice(0, 1));
      expect(await log.appendAll([b[0], a[0], b[1], a[1]] as LoggedEvent[])).toEqual([
        'appended',
        'known',
        'appended',
        'appended',
      ]);
      expect(await log.ends(['posts.0', 'users.3', 'users.0'])).toEqual(
        new Map([
          ['posts.0', 2],
          ['users.3', 2],
          ['users.0', 0],
        ]),
      );
    });

    it('says what it expects next where something is missing, and keeps what came before', async () => {
      const log = fixture().openLog();
      const entries = makeEntries('posts.0', 1, 5);
      const withoutThird = entries.filter(({ position }) => position.seq !== 3);
      await expect(log.appendAll(withoutThird)).rejects.toThrow(new EventLogGap('posts.0', 3, 4));
      expect(await log.appendAll(entries)).toEqual(['known', 'known', 'appended', 'appended', 'appended']);
    });

    it('begins an empty partition elsewhere than at 1 only for a sender that has nothing older', async () => {
      const log = fixture().openLog();
      const entries = makeEntries('posts.0', 5, 6);
      await expect(log.appendAll(entries)).rejects.toThrow(new EventLogGap('posts.0', 1, 5));
      expect(await log.appendAll(entries, { restart: true })).toEqual(['appended', 'appended']);
      expect(await log.head()).toEqual(new Map([['posts.0', 6]]));
    });

    it('begins a partition anew when its sender no longer has what comes next', async () => {
      const log = fixture().openLog();
      await log.appendAll(makeEntries('posts.0', 1, 3));
      const { collector } = await fixture().follow(log, new Map([['posts.0', 2]]));
      await collector.waitFor(1);
      expect(await log.appendAll(makeEntries('posts.0', 3, 9), { restart: true })).toHaveLength(7);
      await collector.waitFor(7);
      await log.appendAll(makeEntries('posts.0', 20, 21), { restart: true });
      await expect(collector.ended).rejects.toThrow(CursorTooOld);
      expect(seqsOf(collector.entries)).toEqual({ 'posts.0': [3, 4, 5, 6, 7, 8, 9] });
      await expect(readAll(log, new Map([['posts.0', 9]]), await log.head())).rejects.toThrow(
        new CursorTooOld('posts.0', 9, 20),
      );
      expect(await readAll(log, new Map([['posts.0', 19]]), await log.head())).toHaveLength(2);
    });

    it('changes nothing for a leader of the past', async () => {
      const [leader, former] = [fixture().openLog(), fixture().openLog()];
      const entries = makeEntries('posts.0', 1, 3);
      await leader.appendAll(entries);
      expect(await former.appendAll(makeEntries('posts.0', 2, 3))).toEqual(['known', 'known']);
      expect(await readAll(leader, new Map(), await leader.head())).toEqual(entries);
    });

    it('refuses what is no event, and what is too large, before it appends anything', async () => {
      const log = fixture().openLog();
      const entries = makeEntries('posts.0', 1, 2);
      const tooLarge = { ...makeEvent(), data: { text: 'é'.repeat(4000) } };
      await expect(
        log.appendAll([...entries, { position: { partition: 'posts.0', seq: 3 }, event: tooLarge }]),
      ).rejects.toThrow(InvalidEvent);
      await expect(log.append({ partition: 'posts', seq: 1 }, makeEvent())).rejects.toThrow(InvalidEvent);
      expect(await log.head()).toEqual(new Map());
    });

    it('keeps an event of 7 KiB whole', async () => {
      const log = fixture().openLog();
      const { collector } = await fixture().follow(log);
      const event = makeEvent({ data: { text: '€😀"\\\n'.repeat(525) } });
      expect(Buffer.byteLength(JSON.stringify(event))).toBeGreaterThan(7000);
      await log.append({ partition: 'posts.0', seq: 1 }, event);
      await collector.waitFor(1);
      expect(collector.entries[0]?.event).toEqual(event);
    });

    it('leaves no hole and takes nothing twice when many append the same at once', async () => {
      const reader = fixture().openLog();
      const { collector } = await fixture().follow(reader);
      const entries = placeEvents('posts', 400);
      const appenders = [fixture().openLog(), fixture().openLog(), fixture().openLog(), fixture().openLog()];
      const outcomes = await Promise.all(appenders.map((log) => log.appendAll(entries)));
      const appended = outcomes.flat().filter((outcome) => outcome === 'appended');
      expect(appended).toHaveLength(entries.length);
      await collector.waitFor(entries.length);
      expectSame(collector.entries, entries);
    });
  });
}
