import { randomBytes } from 'node:crypto';

import type { ClientInfo } from '../../http/client-info.ts';
import type { Principal } from '../../identity/principal.ts';

export const transports = ['ws', 'sse', 'multipart'] as const;
export type Transport = (typeof transports)[number];

/** Why the gateway ends a connection; what that is on the wire is a matter of the transport. */
export type EndReason = 'draining' | 'expired' | 'revoked' | 'idle' | 'silent' | 'uninitialised' | 'cut';

/** Names a connection in logs. A UUID is kept by V8 as the sixteen pieces that it was made of, half a kilobyte each time. */
export const connectionId = (): string => randomBytes(12).toString('base64url');

/** A client that is there: what logs, limits and whoever looks at a running gateway know of it. */
export interface Connection {
  readonly id: string;
  readonly transport: Transport;
  readonly client: ClientInfo;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
  /** When it last sent something, or took something that we had sent. */
  readonly lastActivityAt: number;
  /** `undefined` until it has said who it is. */
  readonly principal: Principal | undefined;
  /** What it has not taken yet, without what the kernel holds. */
  readonly bufferedBytes: number;
  /** It has been ended and is on its way out. */
  readonly isEnding: boolean;
  /** Operations that run on it. */
  readonly operations: number;
  /** Called again and again: pings it when it is time, and says what has to end it. */
  check(now: number): EndReason | undefined;
  /** Ends it in the way of its transport; `reconnectAfterMs` is when it should come back, where it should. */
  end(reason: EndReason, reconnectAfterMs?: number): void;
  /** Ends it without a word. */
  cut(): void;
}
