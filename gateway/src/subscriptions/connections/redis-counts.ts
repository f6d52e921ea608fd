import { randomUUID } from 'node:crypto';

import { toError } from '@tributary/errors';
import type { Logger } from '@tributary/telemetry';

import type { SharedCounts } from './shared-quota.ts';

export interface RedisCountsOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  readonly logger: Logger;
  /** After this the connections of a gateway that was killed count no more. @default 30000 */
  readonly aliveMs?: number;
}

// One slot of a cluster: a script sees the counts of a holder and which gateways are alive at once.
const keyPrefix = '{tributary-connections}:';
const forgottenAfterSeconds = 86_400;

/** One hash for each holder, one field for each gateway; those of gateways that are gone are removed in passing. */
const takeScript = `
local held = 0
local counts = redis.call('HGETALL', KEYS[1])
for index = 1, #counts, 2 do
  local gateway = counts[index]
  if gateway == ARGV[1] or redis.call('EXISTS', ARGV[3] .. gateway) == 1 then
    held = held + tonumber(counts[index + 1])
  else
    redis.call('HDEL', KEYS[1], gateway)
  end
end
if held >= tonumber(ARGV[2]) then return 0 end
redis.call('HINCRBY', KEYS[1], ARGV[1], 1)
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1`;

/** A Redis that forgot may be told of what it never counted. */
const giveScript = `
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
local left = redis.call('HINCRBY', KEYS[1], ARGV[1], -1)
if left <= 0 then redis.call('HDEL', KEYS[1], ARGV[1]) end
return left`;

/**
 * Counts in Redis. A gateway says again and again that it is alive, so that one that was killed holds nothing for long.
 */
export async function createRedisCounts({
  url,
  logger,
  aliveMs = 30_000,
}: RedisCountsOptions): Promise<SharedCounts> {
  const { createClient } = await import('redis');
  const gateway = randomUUID();
  const alivePrefix = `${keyPrefix}alive:`;
  const client = createClient({ url, disableOfflineQueue: true });
  client.on('error', (error: unknown) =>
    logger.debug({ err: toError(error) }, 'the Redis of the counts failed'),
  );
  const beat = async () => {
    await client.set(alivePrefix + gateway, '1', { expiration: { type: 'PX', value: aliveMs } });
  };
  // It may come later: until then this gateway counts alone.
  client.on('ready', () => void beat().catch(() => undefined));
  const connecting = client.connect().catch(() => undefined);
  const timer = setInterval(() => void beat().catch(() => undefined), aliveMs / 3);
  timer.unref();
  return {
    take: async (holder, limit) => {
      const taken = await client.eval(takeScript, {
        keys: [keyPrefix + holder],
        arguments: [gateway, String(limit), alivePrefix, String(forgottenAfterSeconds)],
      });
      return taken === 1;
    },
    give: async (holder) => {
      await client.eval(giveScript, { keys: [keyPrefix + holder], arguments: [gateway] });
    },
    stop: async () => {
      clearInterval(timer);
      if (client.isReady) await client.del(alivePrefix + gateway).catch(() => undefined);
      client.destroy();
      await connecting;
    },
  };
}
