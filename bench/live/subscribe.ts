import { subscription, type Shown } from './live-post.ts';
import type { TransportName } from './row.ts';

export interface Subscriber {
  /** Resolves when the gateway has said that it is subscribed. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}

/** Is told of each result, and of whatever ends the subscription. */
export interface Listener {
  next(shown: Shown): void;
  fail(error: unknown): void;
}

interface Result extends Shown {
  readonly extensions?: { readonly event?: { readonly opened?: boolean } };
}

/** A subscription is opened with a first result that says so, so that nothing is published before. */
const request = { query: subscription, extensions: { resume: {} } };

/** Subscribes over a transport, with clients as they are. */
export function subscribe(url: string, transport: TransportName, listener: Listener): Subscriber {
  const opened = Promise.withResolvers<void>();
  opened.promise.catch(() => {});
  const told = {
    next: (result: Result) => {
      if (result.extensions?.event?.opened === true) opened.resolve();
      else listener.next(result);
    },
    fail: (error: unknown) => {
      opened.reject(error);
      listener.fail(error);
    },
  };
  const stop = transport === 'ws' ? openSocket(url, told) : openStream(url, readers[transport], told);
  return { ready: opened.promise, stop };
}

interface Told {
  next(result: Result): void;
  fail(error: unknown): void;
}

/** graphql-transport-ws, as much of it as one subscription needs. */
function openSocket(url: string, { next, fail }: Told): () => Promise<void> {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
  const closed = Promise.withResolvers<void>();
  let isLeaving = false;
  const say = (message: object) => socket.send(JSON.stringify(message));
  socket.addEventListener('open', () => say({ type: 'connection_init' }));
  socket.addEventListener('message', ({ data }) => {
    const { type, payload } = JSON.parse(String(data)) as {
      readonly type: string;
      readonly payload: unknown;
    };
    if (type === 'connection_ack') say({ id: '1', type: 'subscribe', payload: request });
    else if (type === 'ping') say({ type: 'pong' });
    else if (type === 'next') next(payload as Result);
    else fail(new Error(`Expected a result, but got ${String(data)}`));
  });
  socket.addEventListener('close', ({ code, reason }) => {
    if (!isLeaving) fail(new Error(`Expected results, but the socket was closed: ${code} ${reason}`));
    closed.resolve();
  });
  return async () => {
    isLeaving = true;
    socket.close();
    await closed.promise;
  };
}

/** How the results of a stream are told apart. */
interface Reader {
  readonly accept: string;
  readonly delimiter: string;
  /** The JSON of a part, where it has one. */
  readonly json: (part: string) => string | undefined;
}

const readers: Readonly<Record<Exclude<TransportName, 'ws'>, Reader>> = {
  sse: {
    accept: 'text/event-stream',
    delimiter: '\n\n',
    json: (part) => (/^event: next$/m.test(part) ? /^data: (.+)$/m.exec(part)?.[1] : undefined),
  },
  multipart: {
    accept: 'multipart/mixed;subscriptionSpec=1.0',
    delimiter: '\r\n--graphql',
    json: (part) => {
      const text = part.split('\r\n\r\n')[1];
      if (!text || text === '{}') return undefined;
      return JSON.stringify((JSON.parse(text) as { readonly payload?: unknown }).payload);
    },
  },
};

function openStream(url: string, reader: Reader, { next, fail }: Told): () => Promise<void> {
  const leaving = new AbortController();
  const read = async () => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: reader.accept },
      body: JSON.stringify(request),
      signal: leaving.signal,
    });
    let rest = '';
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      rest += decoder.decode(chunk, { stream: true });
      const parts = rest.split(reader.delimiter);
      rest = parts.pop() ?? '';
      for (const part of parts) {
        const json = reader.json(part);
        if (json !== undefined) next(JSON.parse(json) as Result);
      }
    }
    throw new Error(`The stream ended with "${rest}"`);
  };
  const reading = read().catch((error: unknown) => {
    if (!leaving.signal.aborted) fail(error);
  });
  return async () => {
    leaving.abort();
    await reading;
  };
}

const decoder = new TextDecoder();
