import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { toError } from '@tributary/errors';
import { connectToRedis, createScript, type RedisConnection } from '@tributary/event-log/redis';
import type { Logger } from '@tributary/telemetry';

import type { SharedCounts } from './shared-quota.ts';

export interface RedisCountsOptions {
  /** `redis://` or `rediss://`; several, with commas between, for nodes of one cluster. */
  readonly url: string;
  readonly logger: Logger;
  /** After this the connections of a gateway that was killed count no more. @default 30000 */
  readonly aliveMs?: number;
  /** How long to wait before it is tried again to reach a Redis that was not there at the start. @default 1000 */
  readonly retryMs?: number;
}

// One slot of a cluster: a script sees the counts of a holder and which gateways are alive at once.
const keyPrefix = '{tributary-connections}:';
const forgottenAfterSeconds = 86_400;

/** One hash for each holder, one field for each gateway; those of gateways that are gone are removed in passing. */
const takeScript = createScript(`
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
return 1`);

/** A Redis that forgot may be told of what it never counted. */
const giveScript = createScript(`
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
local left = redis.call('HINCRBY', KEYS[1], ARGV[1], -1)
if left <= 0 then redis.call('HDEL', KEYS[1], ARGV[1]) end
return left`);

const beatScript = createScript("redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])");
const leaveScript = createScript("redis.call('DEL', KEYS[1])");

/**
 * Counts in Redis, one server or a cluster. A gateway says again and again that it is alive, so that one that was killed
 * holds nothing for long.
 */
export function createRedisCounts({
  url,
  logger,
  aliveMs = 30_000,
  retryMs = 1000,
}: RedisCountsOptions): SharedCounts {
  const gateway = randomUUID();
  const alivePrefix = `${keyPrefix}alive:`;
  const aliveKey = alivePrefix + gateway;
  const stopping = new AbortController();
  const { signal } = stopping;
  let redis: RedisConnection | undefined;

  const fail = (error: unknown) => logger.debug({ err: toError(error) }, 'the Redis of the counts failed');
  const beat = () => void redis?.run(beatScript, aliveKey, [String(aliveMs)]).catch(fail);
  const onDropped = () => undefined;
  // It may come later: until then this gateway counts alone.
  const connect = async (): Promise<void> => {
    while (!redis && !signal.aborted) {
      try {
        const urls = url.split(',');
        redis = await connectToRedis({
          urls,
          subscribes: false,
          onReady: beat,
          onDropped,
          onError: fail,
          signal,
        });
        beat();
      } catch (error: unknown) {
        fail(error);
        await sleep(retryMs, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  };
  const run = async (...command: Parameters<RedisConnection['run']>): Promise<unknown> => {
    if (redis) return redis.run(...command);
    throw new Error('Expected a Redis at REDIS_URL, but none has answered yet');
  };

  const connecting = connect();
  const timer = setInterval(beat, aliveMs / 3);
  timer.unref();
  return {
    take: async (holder, limit) => {
      const args = [gateway, String(limit), alivePrefix, String(forgottenAfterSeconds)];
      return (await run(takeScript, keyPrefix + holder, args)) === 1;
    },
    give: async (holder) => {
      await run(giveScript, keyPrefix + holder, [gateway]);
    },
    stop: async () => {
      clearInterval(timer);
      await redis?.run(leaveScript, aliveKey, []).catch(() => undefined);
      stopping.abort();
      await connecting;
    },
  };
}
