import { WebSocket, type ClientOptions } from 'ws';

export interface Close {
  readonly code: number;
  readonly reason: string;
}

export interface TestSocket {
  readonly socket: WebSocket;
  /** Every message that came, in order. */
  readonly received: readonly Record<string, unknown>[];
  send(message: object | string): void;
  /** The next message that nobody has asked for yet. */
  message(): Promise<Record<string, unknown>>;
  readonly closed: Promise<Close>;
}

export interface SocketOptions extends Omit<ClientOptions, 'protocol'> {
  /** @default 'graphql-transport-ws' */
  readonly protocol?: string;
}

/** A client that keeps to no rules but the test's. */
export async function openSocket(
  url: string,
  { protocol = 'graphql-transport-ws', ...options }: SocketOptions = {},
): Promise<TestSocket> {
  const socket = new WebSocket(url, protocol, options);
  const received: Record<string, unknown>[] = [];
  const waiting: (() => void)[] = [];
  let read = 0;
  socket.on('message', (data: Buffer) => {
    received.push(JSON.parse(data.toString()) as Record<string, unknown>);
    waiting.shift()?.();
  });
  const closed = new Promise<Close>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('open', resolve);
  socket.on('error', reject);
  await promise;
  return {
    socket,
    received,
    closed,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    message: async () => {
      const index = read;
      read += 1;
      if (received.length <= index) await new Promise<void>((come) => waiting.push(come));
      return received[index] ?? {};
    },
  };
}

/** One that has said who it is. */
export async function openReadySocket(
  url: string,
  payload?: object,
  options: SocketOptions = {},
): Promise<TestSocket> {
  const socket = await openSocket(url, options);
  socket.send({ type: 'connection_init', ...(payload && { payload }) });
  await socket.message();
  return socket;
}
