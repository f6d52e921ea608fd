import { RedisPubSub } from 'graphql-redis-subscriptions';
import { Redis } from 'ioredis';

import type { Topics } from '../live-schema.ts';

/** Follows topics as the usual server does. */
export const createTopics = (redisUrl: string): Topics =>
  new RedisPubSub({ publisher: new Redis(redisUrl), subscriber: new Redis(redisUrl) });
