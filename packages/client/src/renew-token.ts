import type { Client } from 'graphql-ws';

export interface RenewTokenOptions {
  /** Gives a token that is newer than the one in use: `Bearer eyJ…`. */
  readonly authorization: () => string | Promise<string>;
  /** How long before its end a token is renewed. @default 60000 */
  readonly beforeMs?: number;
}

interface Expiry {
  readonly expiresAt?: number;
}

/**
 * Keeps a socket whose token would end: the gateway says when that is, and takes a new token of the same user in a ping,
 * so that no subscription has to begin anew. Where it takes none, the socket closes with the old token, and the client
 * connects again as it did first.
 *
 * @returns stops it
 */
export function renewToken(
  client: Client,
  { authorization, beforeMs = 60_000 }: RenewTokenOptions,
): () => void {
  let socket: { send(text: string): void } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const renew = async () => {
    const payload = { authorization: await authorization() };
    socket?.send(JSON.stringify({ type: 'ping', payload }));
  };
  const schedule = ({ expiresAt }: Expiry) => {
    clearTimeout(timer);
    if (expiresAt === undefined) return;
    const waitMs = Math.max(0, expiresAt * 1000 - Date.now() - beforeMs);
    timer = setTimeout(() => void renew().catch(() => undefined), Math.min(waitMs, longestTimerMs));
  };
  const undo = [
    client.on('connected', (connected, payload) => {
      socket = connected as { send(text: string): void };
      schedule(payload ?? {});
    }),
    client.on('pong', (_received, payload) => {
      // One without errors has taken the token.
      if (payload && !('errors' in payload)) schedule(payload);
    }),
    client.on('closed', () => {
      socket = undefined;
      clearTimeout(timer);
    }),
  ];
  return () => {
    clearTimeout(timer);
    for (const off of undo) off();
  };
}

// Timers of browsers and Node hold 31 bits.
const longestTimerMs = 2 ** 31 - 1;
