import { describe, expect, it } from 'vitest';

import type { Event } from './event.ts';
import { createMemoryEventLog } from './memory-event-log.ts';

const event = (channel: string): Event => ({
  id: '018f4f5e-0000-7000-8000-000000000001',
  channel,
  type: 'PostCreated',
  occurredAt: '2026-01-02T03:04:05.678Z',
  source: 'posts',
  entity: { __typename: 'Post', id: '1' },
});

describe('a log in memory', () => {
  it('tells a tail what is appended after it began', async () => {
    const log = createMemoryEventLog();
    await log.append({ partition: 'posts.0', seq: 1 }, event('post.1.created'));
    const tail = log.tail({ signal: new AbortController().signal });
    expect(await tail.ready).toEqual(new Map([['posts.0', 1]]));
    await log.append({ partition: 'posts.0', seq: 2 }, event('post.2.created'));
    for await (const batch of tail.events) {
      expect(batch.map(({ position, event }) => [position.seq, event.channel])).toEqual([
        [2, 'post.2.created'],
      ]);
      break;
    }
    await log.stop();
  });

  it('gives every reader an event of its own', async () => {
    const log = createMemoryEventLog();
    await log.append({ partition: 'posts.0', seq: 1 }, event('post.1.created'));
    const range = { after: new Map(), until: await log.head() };
    const [[one], [other]] = [await Array.fromAsync(log.read(range)), await Array.fromAsync(log.read(range))];
    expect(one).toEqual(other);
    expect(one).not.toBe(other);
    await log.stop();
  });
});
