import { hasRedisServer } from '@tributary/testkit';
import { describe } from 'vitest';

import { describeEventLog } from './event-log/describe-event-log.ts';
import { startRedis, startRedisCluster } from './event-log/servers.ts';

describe.skipIf(!hasRedisServer())('the event log in Redis, which needs a redis-server', () => {
  describe('a single server', () => {
    describeEventLog(startRedis);
  });
  describe('a server before version 7', () => {
    describeEventLog(() => startRedis({ sharded: false }));
  });
  describe('a cluster', () => {
    describeEventLog(startRedisCluster);
  });
});
