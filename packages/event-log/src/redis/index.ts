export { connectToRedis, type RedisConnectionOptions } from './connect-to-redis.ts';
export type { RedisConnection } from './redis-connection.ts';
export { createScript, type Script } from './scripts.ts';
