import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { stringifyEvent } from './check-event.ts';
import { CursorTooOld } from './event-log-errors.ts';
import type { Event } from './event.ts';
import { FollowedPartition, type PartitionReader } from './followed-partition.ts';
import type { LogStore } from './log-store.ts';
import type { LoggedEvent } from './position.ts';

const entry = (seq: number): LoggedEvent => ({ position: { partition: 'posts.0', seq }, event: {} as Event });
const text = stringifyEvent({
  id: '01234567-89ab-4def-8123-456789abcdef',
  channel: 'post.1.updated',
  type: 'PostUpdated',
  occurredAt: '2026-01-01T00:00:00Z',
  source: 'posts',
  entity: { __typename: 'Post', id: '1' },
});
const entries = (first: number, last: number): LoggedEvent[] =>
  Array.from({ length: last - first + 1 }, (_, index) => entry(first + index));

/** A store of one partition, and a reader that remembers what it took. */
function makeWorld(held: LoggedEvent[]) {
  const taken: number[] = [];
  const failures: unknown[] = [];
  const unreadable = new Set<number>();
  const skipped: number[] = [];
  const world = { taken, failures, unreadable, skipped, isRoomy: true, failNextPage: false, pages: 0 };
  const store: Pick<LogStore, 'page'> = {
    page: async (_partition, after, limit) => {
      world.pages += 1;
      const page = held.filter(({ position }) => position.seq > after).slice(0, limit);
      await Promise.resolve();
      if (!world.failNextPage) {
        return page.map(({ position: { seq } }) => ({ seq, text: world.unreadable.has(seq) ? '{}' : text }));
      }
      world.failNextPage = false;
      throw new Error('away');
    },
  };
  const reader: PartitionReader = {
    get isRoomy() {
      return world.isRoomy;
    },
    hasEnded: false,
    skip: ({ seq }) => skipped.push(seq),
    take: (batch) => taken.push(...batch.map(({ position }) => position.seq)),
    fail: (error) => failures.push(error),
  };
  const follow = (after?: number) => new FollowedPartition('posts.0', after, store as LogStore, reader);
  return { world, follow };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a followed partition', () => {
  it('passes on what comes next without reading', () => {
    const { world, follow } = makeWorld([]);
    const partition = follow(4);
    for (const seq of [5, 6, 5, 4, 7]) partition.appended(seq, entry(seq));
    expect(world).toMatchObject({ taken: [5, 6, 7], pages: 0 });
  });

  it('reads what a notice shows to be missing, once for all that come meanwhile', async () => {
    const { world, follow } = makeWorld(entries(1, 9));
    const partition = follow(0);
    for (const seq of [3, 4, 7, 9]) partition.appended(seq, entry(seq));
    await settle();
    expect(world).toMatchObject({ taken: [1, 2, 3, 4, 5, 6, 7, 8, 9], pages: 1 });
  });

  it('passes on what came while it was read, right after what was read', async () => {
    const held = entries(1, 3);
    const { world, follow } = makeWorld(held);
    const partition = follow(0);
    partition.appended(3);
    held.push(...entries(4, 5));
    partition.appended(4, entry(4));
    partition.appended(5, entry(5));
    await settle();
    expect(world).toMatchObject({ taken: [1, 2, 3, 4, 5], pages: 1 });
  });

  it('reads again for a notice without an event that came while it was read', async () => {
    const held = entries(1, 3);
    const { world, follow } = makeWorld(held);
    const partition = follow(0);
    partition.appended(3);
    held.push(entry(4));
    partition.appended(4);
    await settle();
    expect(world).toMatchObject({ taken: [1, 2, 3, 4], pages: 2 });
  });

  it('fails where the store no longer has what comes next, unless it has only just appeared', async () => {
    const old = makeWorld(entries(10, 12));
    old.follow(4).appended(12);
    const fresh = makeWorld(entries(10, 12));
    fresh.follow().appended(12);
    await settle();
    expect(old.world).toMatchObject({ taken: [], failures: [new CursorTooOld('posts.0', 4, 10)] });
    expect(fresh.world).toMatchObject({ taken: [10, 11, 12], failures: [] });
  });

  it('leaves out what is no event, and goes on after it', async () => {
    const held = entries(1, 4);
    const { world, follow } = makeWorld(held);
    for (const seq of [2, 4, 6]) world.unreadable.add(seq);
    const partition = follow(0);
    partition.appended(4);
    await settle();
    expect(world).toMatchObject({ taken: [1, 3], skipped: [2, 4] });
    partition.appended(5, entry(5));
    held.push(...entries(5, 7));
    partition.appended(6);
    partition.appended(7, entry(7));
    await settle();
    expect(world).toMatchObject({ taken: [1, 3, 5, 7], skipped: [2, 4, 6] });
  });

  it('passes on everything once and in order, whatever happens to notices, reads and the reader', async () => {
    const step = fc.oneof(
      fc.record({ append: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ notice: fc.nat(60), withEvent: fc.boolean() }),
      fc.constantFrom('fail' as const, 'full' as const, 'roomy' as const, 'wait' as const),
    );
    const property = fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const held: LoggedEvent[] = [];
      const { world, follow } = makeWorld(held);
      const partition = follow(0);
      for (const action of steps) {
        if (action === 'wait') await settle();
        else if (action === 'fail') world.failNextPage = true;
        else if (typeof action === 'string') world.isRoomy = action === 'roomy';
        else if ('append' in action) held.push(...entries(held.length + 1, held.length + action.append));
        // Of anything that was appended: late, twice, out of order or never.
        else if (held.length > 0) {
          const seq = 1 + (action.notice % held.length);
          partition.appended(seq, action.withEvent ? entry(seq) : undefined);
        }
      }
      Object.assign(world, { isRoomy: true, failNextPage: false });
      await settle();
      partition.appended(held.length);
      await partition.catchUp();
      await settle();
      expect(world.taken).toEqual(held.map(({ position }) => position.seq));
    });
    await expect(fc.assert(property, { numRuns: 300 })).resolves.toBeUndefined();
  });
});
