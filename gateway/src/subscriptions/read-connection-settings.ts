import type { SettingsReader } from '@tributary/config';

import { defaultMemoryPressureMb } from './connections/memory-pressure.ts';

/** The settings of connections that stay open; docs/operations.md lists them. */
export const readConnectionSettings = (read: SettingsReader) => ({
  limits: {
    total: read.integer('MAX_CONNECTIONS', { default: 20_000, min: 1 }),
    perNetwork: read.integer('MAX_CONNECTIONS_PER_IP', { default: 1000, min: 1 }),
    perUser: read.integer('MAX_CONNECTIONS_PER_USER', { default: 50, min: 1 }),
  },
  rules: {
    initTimeoutMs: read.integer('CONNECTION_INIT_TIMEOUT_MS', { default: 10_000, min: 100 }),
    pingIntervalMs: read.integer('PING_INTERVAL_MS', { default: 30_000, min: 100 }),
    idleTimeoutMs: read.integer('CONNECTION_IDLE_TIMEOUT_MS', { default: 300_000, min: 100 }),
    maxOperations: read.integer('MAX_OPERATIONS_PER_CONNECTION', { default: 100, min: 1 }),
    messagesPerSecond: read.integer('MAX_MESSAGES_PER_SECOND', { default: 50, min: 1 }),
  },
  maxMessageBytes: read.integer('MAX_MESSAGE_BYTES', { default: 131_072, min: 1024 }),
  memoryPressureMb: read.integer('MEMORY_PRESSURE_MB', { default: defaultMemoryPressureMb(), min: 0 }),
  reconnectSpreadMs: read.integer('RECONNECT_SPREAD_MS', { default: 5000, min: 0 }),
  trustedProxies: read.integer('TRUSTED_PROXIES', { default: 0, min: 0, max: 10 }),
});
