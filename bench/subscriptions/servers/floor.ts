// What fan-out costs at least: as many sockets, and the same bytes written to each of them for an event. No GraphQL and no
// WebSocket library; everybody who says something twice (who it is, and what it wants) gets everything.
// Arguments: port, address of Redis.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';

import { Redis } from 'ioredis';

import type { CommentAdded } from '../comment-event.ts';
import { serverFrame } from '../frames.ts';

const [port, redisUrl = ''] = process.argv.slice(2);
const sockets = new Set<Socket>();
const acknowledgement = serverFrame(Buffer.from('{"type":"connection_ack"}'));
const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
// As long as what tells a client where it is in the log, so that all frames are of one size.
const extensions = { event: { cursor: 'x'.repeat(40) } };

const redis = new Redis(redisUrl);
await redis.psubscribe('floor.*');
redis.on('pmessage', (_pattern: string, _topic: string, message: string) => {
  const { id, body } = JSON.parse(message) as CommentAdded;
  const data = { commentAdded: { id, body } };
  const text = JSON.stringify({ id: '1', type: 'next', payload: { data, extensions } });
  const frame = serverFrame(Buffer.from(text));
  for (const socket of sockets) socket.write(frame);
});

const server = createServer((_request, response) => response.end('{"data":{"__typename":"Query"}}'));
server.on('upgrade', ({ headers }, socket: Socket) => {
  const key = createHash('sha1').update(`${headers['sec-websocket-key']}${guid}`).digest('base64');
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n' +
      `sec-websocket-accept: ${key}\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n`,
  );
  socket.setNoDelay(true);
  let isReady = false;
  socket.on('data', () => {
    if (isReady) sockets.add(socket);
    else socket.write(acknowledgement);
    isReady = true;
  });
  socket.on('error', () => {});
  socket.on('close', () => sockets.delete(socket));
});
server.listen(Number(port), '127.0.0.1');
