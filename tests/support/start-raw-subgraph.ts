import { createServer, type AddressInfo, type Socket } from 'node:net';

/** Writes whatever it likes in place of an answer. */
export type RawAnswer = (socket: Socket, body: string) => void;

/** A subgraph that knows nothing of HTTP but where a request ends: it sends the bytes that it is told to. */
export interface RawSubgraph {
  readonly url: string;
  /** How it answers from now on. */
  answer(how: RawAnswer): void;
  /** GraphQL requests so far. */
  requestCount(): number;
  stop(): Promise<void>;
}

export async function startRawSubgraph(): Promise<RawSubgraph> {
  let answer: RawAnswer = (socket) => socket.destroy();
  let requests = 0;
  const sockets = new Set<Socket>();
  const onRequest: OnRequest = (socket, head, body) => {
    // The gateway looks after the health of its subgraphs.
    if (head.startsWith('GET ')) {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    requests += 1;
    answer(socket, body);
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // Whoever is answered so may hang up in the middle.
    socket.on('error', () => {});
    readRequests(socket, onRequest);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    answer: (how) => {
      answer = how;
    },
    requestCount: () => requests,
    stop: async () => {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      for (const socket of sockets) socket.destroy();
      await closed.promise;
    },
  };
}

type OnRequest = (socket: Socket, head: string, body: string) => void;

function readRequests(socket: Socket, onRequest: OnRequest): void {
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    for (;;) {
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = received.slice(0, end);
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (received.length < end + 4 + length) return;
      const body = received.slice(end + 4, end + 4 + length);
      received = received.slice(end + 4 + length);
      onRequest(socket, head, body);
    }
  });
}

export interface HttpAnswerOptions {
  /** @default '200 OK' */
  readonly status?: string;
  /** Beside content-length. @default application/json */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The bytes of a proper HTTP answer. */
export function httpAnswer(
  body: string | Buffer,
  { status = '200 OK', headers = { 'content-type': 'application/json' } }: HttpAnswerOptions = {},
): Buffer {
  const bytes = Buffer.from(body);
  const lines = Object.entries({ ...headers, 'content-length': bytes.length }).map(([k, v]) => `${k}: ${v}`);
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${lines.join('\r\n')}\r\n\r\n`), bytes]);
}
