import { toError } from '@tributary/errors';
import type { Logger } from '@tributary/telemetry';

import type { FormattedError } from '../../errors/format-error.ts';
import { createOriginRule } from '../../http/cors.ts';
import type { BodyLimits } from '../../http/read-body.ts';
import type { CallerVerifier } from '../../identity/caller-verifier.ts';
import type { Principal } from '../../identity/principal.ts';
import type { UpgradeRoute } from '../../server.ts';
import { Connections, type ConnectionMetrics } from '../connections/connections.ts';
import { createMemoryPressure } from '../connections/memory-pressure.ts';
import { createLocalQuota, type Quota } from '../connections/quota.ts';
import type { RunOperation } from '../operation-request.ts';
import type { readConnectionSettings } from '../read-connection-settings.ts';
import { createStreamRoute, type StreamRoute } from './create-stream-route.ts';
import { FlushSchedule } from './flush-schedule.ts';
import { createWebSocketDoor } from './ws/create-websocket-door.ts';

export interface TransportsOptions extends BodyLimits {
  readonly connections: ReturnType<typeof readConnectionSettings>;
  readonly corsOrigins: readonly string[];
  readonly forwardedHeaders: readonly string[];
  readonly run: RunOperation;
  readonly verifyToken: CallerVerifier;
  readonly report: (requestId: string, errors: readonly unknown[]) => readonly FormattedError[];
  readonly metrics: ConnectionMetrics;
  readonly logger: Logger;
  /** Whether the rights of a principal were taken away before its token ends. @default never */
  readonly isRevoked?: ((principal: Principal) => boolean) | undefined;
  /** Bytes that the process takes. @default its resident set */
  readonly usedMemory?: () => number;
  /** What connections are counted against. @default this process alone */
  readonly quota?: Quota;
}

export interface Transports {
  /** For requests that ask to become sockets. */
  readonly upgrade: UpgradeRoute;
  /** For requests that ask for a stream. */
  readonly streams: StreamRoute;
  readonly connections: Connections;
}

// A thing is noticed at most that late, and never later than half of what it is measured by.
const checkIntervalMs = 1000;

/** All ways in which an operation can go on after its first answer, and who uses them at the moment. */
export function createTransports(options: TransportsOptions): Transports {
  const { limits, rules, memoryPressureMb, reconnectSpreadMs } = options.connections;
  const connections = new Connections({
    limits,
    quota: options.quota ?? createLocalQuota(),
    metrics: options.metrics,
    logger: options.logger,
    isRevoked: options.isRevoked,
    isShortOfMemory: createMemoryPressure(memoryPressureMb, options.usedMemory),
    reconnectSpreadMs,
    checkIntervalMs: Math.min(
      checkIntervalMs,
      rules.initTimeoutMs / 2,
      rules.pingIntervalMs / 2,
      rules.idleTimeoutMs / 2,
    ),
  });
  const schedule = new FlushSchedule((error) =>
    options.logger.fatal({ err: toError(error) }, 'a connection could not be written to'),
  );
  const shared = { ...options, ...options.connections, connections, schedule };
  return {
    upgrade: createWebSocketDoor({ ...shared, originRule: createOriginRule(options.corsOrigins) }),
    streams: createStreamRoute({ ...shared, pingIntervalMs: rules.pingIntervalMs }),
    connections,
  };
}
