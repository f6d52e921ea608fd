import { setTimeout as delay } from 'node:timers/promises';

import { createRedisEventLog, EventLogGap, type EventLog, type LoggedEvent } from '@tributary/event-log';
import { hasRedisServer, startTestRedis, startTestRedisCluster } from '@tributary/testkit';
import { createClient } from 'redis';
import { afterEach, describe, expect, it } from 'vitest';

import { appendStubbornly } from './event-log/append-stubbornly.ts';
import { Collector } from './event-log/collector.ts';
import { expectSame, seqsOf } from './event-log/expect-events.ts';
import { makeEntries, placeEvents } from './event-log/make-event.ts';
import { readAll } from './event-log/read-all.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

const openLog = (url: string, options: { readonly checkMs?: number } = {}): EventLog => {
  const log = createRedisEventLog({ url, retryMs: 20, ...options });
  stops.push(() => log.stop());
  return log;
};

const follow = async (log: EventLog): Promise<Collector> => {
  const tail = log.tail({ signal: new AbortController().signal });
  const collector = new Collector(tail.events);
  await tail.ready;
  return collector;
};

/** A relay: keeps what it sent, and sends again from where the log says that it ends. */
async function relay(log: EventLog, kept: readonly LoggedEvent[], from: number): Promise<void> {
  for (let next = from; next < kept.length;) {
    try {
      await log.appendAll(kept.slice(next, next + 50));
      next += 50;
    } catch (error: unknown) {
      if (error instanceof EventLogGap) next = error.expected - 1;
      else await delay(10); // the server is away: nobody tells when it is back
    }
  }
}

describe.skipIf(!hasRedisServer())('a Redis, which needs a redis-server,', () => {
  it('that lost its data gets it again, and nobody gets an event twice', async () => {
    const redis = await startTestRedis();
    stops.push(() => redis.stop());
    const log = openLog(redis.url);
    const collector = await follow(openLog(redis.url));
    const kept = makeEntries('posts.0', 1, 600);
    await relay(log, kept.slice(0, 300), 0);
    await collector.waitFor(200);
    await redis.kill();
    await redis.start();
    await relay(log, kept, 300);
    await collector.waitFor(600);
    expect(collector.entries).toHaveLength(600);
    expectSame(collector.entries, kept);
    const late = openLog(redis.url);
    expectSame(await readAll(late, new Map(), await late.head()), kept);
  });

  it('that comes back empty takes no event before those that it lost', async () => {
    const redis = await startTestRedis();
    stops.push(() => redis.stop());
    const log = openLog(redis.url);
    const entries = makeEntries('posts.0', 1, 30);
    await log.appendAll(entries.slice(0, 20));
    await redis.kill();
    await redis.start();
    await expect(appendWhenThere(log, entries.slice(20))).rejects.toThrow(new EventLogGap('posts.0', 1, 21));
  });

  it('is read where somebody else publishes on its channels', async () => {
    const redis = await startTestRedis();
    stops.push(() => redis.stop());
    const log = openLog(redis.url);
    const entries = makeEntries('posts.0', 1, 20);
    await log.appendAll(entries.slice(0, 10));
    const collector = await follow(log);
    const stranger = await createClient({ url: redis.url }).connect();
    const channel = 'tributary:log:{posts.0}';
    for (const message of ['nonsense', '11 {}', '12 ', '-1 {}', '9007199254740993 x', '500 {"id":1}']) {
      await stranger.sPublish(channel, message);
    }
    stranger.destroy();
    await log.appendAll(entries.slice(10));
    await collector.waitFor(10);
    expect(collector.entries).toHaveLength(10);
    expectSame(collector.entries, entries.slice(10));
  });

  it('that answers nothing for a while is no reason to wait for ever, and is followed on', async () => {
    const redis = await startTestRedis();
    stops.push(() => redis.stop());
    const log = openLog(redis.url);
    const collector = await follow(openLog(redis.url, { checkMs: 100 }));
    const entries = makeEntries('posts.0', 1, 20);
    await log.appendAll(entries.slice(0, 10));
    redis.freeze();
    await expect(log.appendAll(entries.slice(10, 12))).rejects.toThrow('Redis did not answer within 5000 ms');
    redis.thaw();
    await appendStubbornly(log, entries);
    await collector.waitFor(20);
    expect(collector.entries).toHaveLength(20);
    expectSame(collector.entries, entries);
  });

  it('bounds what it keeps', async () => {
    const redis = await startTestRedis();
    stops.push(() => redis.stop());
    const log = createRedisEventLog({ url: redis.url, retention: { maxEvents: 200 } });
    stops.push(() => log.stop());
    await log.appendAll(makeEntries('posts.0', 1, 3000));
    const client = await createClient({ url: redis.url }).connect();
    const length = await client.xLen('tributary:log:{posts.0}');
    client.destroy();
    expect(length).toBeGreaterThanOrEqual(200);
    expect(length).toBeLessThan(400);
  });
});

describe.skipIf(!hasRedisServer())('a Redis Cluster, which needs a redis-server,', () => {
  it('goes on with the partitions of other nodes while one is down', async () => {
    const cluster = await startTestRedisCluster({ persistent: true });
    stops.push(() => cluster.stop());
    const [log, follower] = [openLog(cluster.url), openLog(cluster.url, { checkMs: 100 })];
    const entries = placeEvents('posts', 200);
    await log.appendAll(entries.slice(0, 100));
    const collector = await follow(follower);
    const [down] = cluster.nodes;
    await down?.kill();
    const results = await Promise.allSettled(
      entries.slice(100).map(({ position, event }) => log.append(position, event)),
    );
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['fulfilled', 'rejected']));
    const taken = entries.slice(100).filter((_, index) => results[index]?.status === 'fulfilled');
    await collector.waitFor(taken.length);
    expectSame(collector.entries, taken);
    await down?.start();
    await appendStubbornly(log, entries);
    await collector.waitFor(100);
    expectSame(collector.entries, entries.slice(100));
  });

  it('is followed while slots move to another node', async () => {
    const cluster = await startTestRedisCluster();
    stops.push(() => cluster.stop());
    // Looked at once a minute only: what comes in time has come by messages, or because a move was noticed.
    const [log, follower] = [openLog(cluster.url), openLog(cluster.url, { checkMs: 60_000 })];
    const entries = makeEntries('posts.0', 1, 400);
    await log.appendAll(entries.slice(0, 1));
    const collector = await follow(follower);
    const slot = await askSlot(cluster.nodes[0]?.url ?? '', 'tributary:log:{posts.0}');
    const owner = cluster.nodes.findIndex((_, index) => slot < Math.floor((16_384 * (index + 1)) / 3));
    const appending = appendStubbornly(log, entries.slice(0, 399));
    for (let step = 0; step < 3; step += 1) {
      const [from, to] = [cluster.nodes[(owner + step) % 3], cluster.nodes[(owner + step + 1) % 3]];
      if (from && to) await cluster.moveSlot(slot, from, to);
    }
    await appending;
    // Nothing comes after this one that would show that it is missing, so its message has to arrive.
    await log.appendAll(entries.slice(399));
    await collector.waitFor(399);
    expect(seqsOf(collector.entries)).toEqual({
      'posts.0': entries.slice(1).map(({ position }) => position.seq),
    });
  });
});

/** Until the server is back, which nobody tells. */
async function appendWhenThere(log: EventLog, entries: readonly LoggedEvent[]): Promise<void> {
  for (;;) {
    try {
      await log.appendAll(entries);
      return;
    } catch (error: unknown) {
      if (error instanceof EventLogGap) throw error;
      await delay(10);
    }
  }
}

async function askSlot(url: string, key: string): Promise<number> {
  const client = await createClient({ url }).connect();
  try {
    return await client.clusterKeySlot(key);
  } finally {
    client.destroy();
  }
}
