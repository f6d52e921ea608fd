import { createLogger } from '@tributary/telemetry';
import {
  askRedis,
  hasRedisServer,
  startTestRedis,
  startTestRedisCluster,
  type TestRedis,
} from '@tributary/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { createRedisCounts } from '../../gateway/src/subscriptions/connections/redis-counts.ts';
import {
  createSharedQuota,
  type SharedCounts,
} from '../../gateway/src/subscriptions/connections/shared-quota.ts';
import { openReadySocket } from '../support/open-socket.ts';
import { startTestGateway, type TestGateway } from '../support/start-test-gateway.ts';
import { startTalkingSupergraph } from '../support/talking-supergraph.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
describe.skipIf(!hasRedisServer())('limits in Redis, which needs a redis-server,', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startTestRedis();
  });
  afterAll(() => redis?.stop());

  const started: SharedCounts[] = [];
  afterEach(async () => {
    await Promise.all(started.splice(0).map((counts) => counts.stop()));
  });

  const startGateway = async (url = redis.url) => {
    const counts = createRedisCounts({ url, logger, retryMs: 50 });
    started.push(counts);
    // Connected when it can be asked.
    await expect
      .poll(() => counts.take('user:probe', 1000).catch(() => false), { timeout: 20_000 })
      .toBe(true);
    return { counts, quota: createSharedQuota({ counts, logger, timeoutMs: 2000 }) };
  };

  it('limits what several gateways hold together, and gives back', async () => {
    const [one, other] = [await startGateway(), await startGateway()];
    const claim = { holder: 'user:u1', limit: 3 };
    const releases = [
      await one.quota.take(claim),
      await one.quota.take(claim),
      await other.quota.take(claim),
    ];
    expect(releases.every(Boolean)).toBe(true);
    expect([await one.quota.take(claim), await other.quota.take(claim)]).toEqual([undefined, undefined]);
    releases[0]?.();
    releases[0]?.();
    await expect.poll(() => other.quota.take(claim)).toBeDefined();
    expect(await one.quota.take(claim)).toBeUndefined();
  });

  it('counts no connection of a gateway that is gone', async () => {
    const [killed, other] = [await startGateway(), await startGateway()];
    const claim = { holder: 'all', limit: 1 };
    expect(await killed.quota.take(claim)).toBeDefined();
    expect(await other.quota.take(claim)).toBeUndefined();
    await killed.counts.stop();
    expect(await other.quota.take(claim)).toBeDefined();
  });

  it('goes on counting alone while Redis is away, and with the others afterwards', async () => {
    const { quota, counts } = await startGateway();
    const claim = { holder: 'network:1.2.3.4', limit: 2 };
    await redis.kill();
    const [first, second] = [await quota.take(claim), await quota.take(claim)];
    expect([first, second].every(Boolean)).toBe(true);
    expect(await quota.take(claim)).toBeUndefined();
    await redis.start();
    await expect
      .poll(() => counts.take('user:probe', 1000).catch(() => false), { timeout: 10_000 })
      .toBe(true);
    first?.();
    expect(await quota.take(claim)).toBeDefined();
  });

  it('limits them in a cluster too, whichever of its nodes each of them is told of', async () => {
    const cluster = await startTestRedisCluster();
    try {
      const quotas = await Promise.all(cluster.nodes.map(async ({ url }) => (await startGateway(url)).quota));
      const claim = { holder: 'all', limit: quotas.length };
      const releases = await Promise.all(quotas.map(async (quota) => quota.take(claim)));
      expect(releases.every(Boolean)).toBe(true);
      expect(await Promise.all(quotas.map(async (quota) => quota.take(claim)))).toEqual(
        quotas.map(() => undefined),
      );
      releases[0]?.();
      await expect.poll(() => quotas[1]?.take(claim)).toBeDefined();
      await Promise.all(started.splice(0).map((counts) => counts.stop()));
    } finally {
      await cluster.stop();
    }
  });

  it('counts with the others as soon as a Redis that was not there at first has come', async () => {
    await redis.kill();
    const starting = startGateway();
    await redis.start();
    const { counts } = await starting;
    expect(await counts.take('user:u7', 1)).toBe(true);
    expect(await counts.take('user:u7', 1)).toBe(false);
  });

  it('hold for gateways that are told of it', async () => {
    const supergraph = await startTalkingSupergraph();
    const settings = { REDIS_URL: redis.url, MAX_CONNECTIONS_PER_IP: '1' };
    const [one, other] = [
      await startTestGateway(supergraph, settings),
      await startTestGateway(supergraph, settings),
    ];
    try {
      const wsUrl = ({ url }: TestGateway) => url.replace('http', 'ws');
      // They serve before they count together.
      const alive = async () => ((await askRedis(redis.url, ['KEYS', '*:alive:*'])) as string[]).length;
      await expect.poll(alive, { timeout: 20_000 }).toBe(2);
      const first = await openReadySocket(wsUrl(one));
      await expect(openReadySocket(wsUrl(other))).rejects.toThrow('429');
      first.socket.close();
      await expect.poll(() => openReadySocket(wsUrl(other)).catch(() => undefined)).toBeDefined();
    } finally {
      await Promise.all([one.stop(), other.stop()]);
      await supergraph.stop();
    }
  });
});
