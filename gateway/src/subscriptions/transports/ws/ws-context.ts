import type { IncomingHttpHeaders } from 'node:http';

import type { Logger } from '@tributary/telemetry';

import type { FormattedError } from '../../../errors/format-error.ts';
import type { ClientInfo } from '../../../http/client-info.ts';
import type { CallerVerifier } from '../../../identity/caller-verifier.ts';
import type { Connections } from '../../connections/connections.ts';
import type { RunOperation } from '../../operation-request.ts';
import type { FlushSchedule } from '../flush-schedule.ts';

/** Rules for one socket. */
export interface WsRules {
  /** A socket that has not said who it is by then is closed with 4408. */
  readonly initTimeoutMs: number;
  /** It is pinged so often; one that is silent for twice as long is gone. */
  readonly pingIntervalMs: number;
  /** A socket on which nothing runs is closed after this. */
  readonly idleTimeoutMs: number;
  /** Operations that may run at a time. */
  readonly maxOperations: number;
  readonly messagesPerSecond: number;
}

/** What all sockets of a gateway share. */
export interface WsContext {
  readonly rules: WsRules;
  readonly connections: Connections;
  readonly run: RunOperation;
  readonly verifyToken: CallerVerifier;
  /** Formats errors for a client, and logs them. */
  readonly report: (requestId: string, errors: readonly unknown[]) => readonly FormattedError[];
  readonly schedule: FlushSchedule;
  readonly logger: Logger;
  /** Names of the headers that go on to subgraphs. */
  readonly forwardedHeaders: readonly string[];
}

/** What is known of a client when its socket opens. */
export interface Arrival {
  readonly client: ClientInfo;
  readonly headers: IncomingHttpHeaders;
}
