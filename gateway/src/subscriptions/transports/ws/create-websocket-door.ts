import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import { toError } from '@tributary/errors';
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';

import type { OriginRule } from '../../../http/cors.ts';
import { clientInfoOf } from '../../../http/client-info.ts';
import { withoutCredentials } from '../../../http/without-credentials.ts';
import type { UpgradeRoute } from '../../../server.ts';
import type { RefusalReason } from '../../connections/connections.ts';
import type { Release } from '../../connections/quota.ts';
import { closeCodes } from './close-codes.ts';
import { WsConnection } from './ws-connection.ts';
import type { Arrival, WsContext } from './ws-context.ts';

export interface WebSocketDoorOptions extends WsContext {
  /** Which pages may open a socket. */
  readonly originRule: OriginRule;
  readonly maxMessageBytes: number;
  readonly trustedProxies: number;
}

// A client that does not answer a close is not waited for.
const closeTimeoutMs = 5000;
const maxFragments = 1024;

/**
 * Decides who gets a socket: a page only from an origin that may call the endpoint (a browser asks nobody before it opens
 * one, and sends cookies along), and nobody above the limits. Refusals are plain HTTP, the cheapest that there is.
 */
export function createWebSocketDoor(options: WebSocketDoorOptions): UpgradeRoute {
  const { connections, logger, originRule, maxMessageBytes, trustedProxies } = options;
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    autoPong: false,
    maxPayload: maxMessageBytes,
    maxFragments,
    maxBufferedChunks: maxFragments,
    closeTimeout: closeTimeoutMs,
    // One that we do not speak is repeated, or the client would not read the close code that says so.
    handleProtocols: (protocols) =>
      protocols.has(GRAPHQL_TRANSPORT_WS_PROTOCOL)
        ? GRAPHQL_TRANSPORT_WS_PROTOCOL
        : ([...protocols][0] ?? false),
  } as ConstructorParameters<typeof WebSocketServer>[0]);

  const open = (socket: WebSocket, wire: Duplex, arrival: Arrival, places: Release[]) => {
    const connection = new WsConnection(socket, wire, arrival, options);
    connections.add(connection, places);
    if (socket.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL) {
      socket.close(CloseCode.SubprotocolNotAcceptable, 'Subprotocol not acceptable');
    }
  };

  /** With a code that browsers can read, for what may take longer than a moment. */
  const sendAway = (request: IncomingMessage, wire: Duplex, head: Buffer) => {
    server.handleUpgrade(request, wire, head, (socket) => {
      socket.on('error', ignore);
      socket.close(closeCodes.tryAgainLater, refusals.memory[1]);
    });
  };

  const upgrade = async (request: IncomingMessage, wire: Duplex, head: Buffer): Promise<void> => {
    const { origin } = request.headers;
    const permission = originRule(origin, request.headers.host);
    if (permission === 'no') {
      connections.refuse('origin');
      logger.warn(
        { security: true, origin, client: clientInfoOf(request, trustedProxies) },
        'a page may not open sockets',
      );
      refuse(wire, 'origin');
      return;
    }
    const client = clientInfoOf(request, trustedProxies);
    const admitted = await connections.admit(client);
    if ('refused' in admitted) {
      if (admitted.refused === 'memory') sendAway(request, wire, head);
      else refuse(wire, admitted.refused);
      return;
    }
    const { places } = admitted;
    const release = () => places.forEach((giveBack) => giveBack());
    if (wire.destroyed) {
      release();
      return;
    }
    // A handshake that fails ends the connection, and nobody calls back.
    wire.once('close', release);
    // Where every page may call, none of them may use what the browser keeps for its user.
    const headers = permission === 'yes' ? request.headers : withoutCredentials(request.headers);
    server.handleUpgrade(request, wire, head, (socket) => {
      wire.off('close', release);
      open(socket, wire, { client, headers }, places);
    });
  };

  return (request, wire, head) => {
    wire.on('error', ignore);
    upgrade(request, wire, head).catch((error: unknown) => {
      logger.fatal({ err: toError(error) }, 'an upgrade failed');
      wire.destroy();
    });
  };
}

/** A reset while nobody else listens is no reason for the process to end. */
const ignore = (): void => undefined;

const refusals: Record<RefusalReason, readonly [status: string, message: string]> = {
  origin: ['403 Forbidden', 'Pages of this origin may not open sockets here'],
  draining: ['503 Service Unavailable', 'This process is stopping: try again'],
  memory: ['503 Service Unavailable', 'Short of memory: try again later'],
  total: ['503 Service Unavailable', 'Too many connections: try again later'],
  network: ['429 Too Many Requests', 'Too many connections from this address'],
  user: ['429 Too Many Requests', 'Too many connections of this user'],
  unauthenticated: ['401 Unauthorized', 'The token is not one of this endpoint'],
};

function refuse(wire: Duplex, reason: RefusalReason): void {
  const [status, message] = refusals[reason];
  const body = `${JSON.stringify({ message })}\n`;
  const lines = [
    `HTTP/1.1 ${status}`,
    'connection: close',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    ...(reason === 'origin' ? [] : ['retry-after: 5']),
  ];
  // Gone when it is sent: what the client would still send is nobody's.
  wire.end(`${lines.join('\r\n')}\r\n\r\n${body}`, () => wire.destroy());
}
