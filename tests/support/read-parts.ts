import { text } from 'node:stream/consumers';
import { request as sendRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';

/** One payload of an answer in parts. */
export interface Payload {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly PayloadError[];
  readonly hasNext: boolean;
  readonly incremental?: readonly {
    readonly data?: unknown;
    readonly path?: readonly (string | number)[];
    readonly label?: string;
    readonly id?: string;
    readonly errors?: readonly PayloadError[];
  }[];
  readonly pending?: readonly { readonly id: string; readonly path: readonly (string | number)[] }[];
  readonly completed?: readonly { readonly id: string; readonly errors?: readonly PayloadError[] }[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface PayloadError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** An answer that is still coming. */
export interface StreamedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The next payload, as soon as its delimiter has come; `undefined` after the last one. */
  next(): Promise<Payload | undefined>;
  /** All that are left. */
  rest(): Promise<readonly Payload[]>;
  /** Everything that has been read so far. */
  bytes(): string;
  /** Stops reading, so that the sender is held back. */
  readonly message: IncomingMessage;
  /** Leaves, as a closed browser tab does. */
  leave(): void;
}

export interface StreamedRequest {
  readonly variables?: Record<string, unknown>;
  readonly headers?: Readonly<Record<string, string>>;
}

export const acceptParts = 'multipart/mixed;deferSpec=20220824,application/graphql-response+json';

/** Sends an operation and reads the answer part by part, byte for byte as it comes. */
export async function readParts(
  url: string,
  query: string,
  { variables, headers }: StreamedRequest = {},
): Promise<StreamedAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = sendRequest(
    url,
    { method: 'POST', headers: { 'content-type': 'application/json', accept: acceptParts, ...headers } },
    resolve,
  );
  sent.once('error', reject).end(JSON.stringify({ query, variables }));
  const message = await promise;
  if (!message.headers['content-type']?.startsWith('multipart/mixed')) {
    throw new Error(`Expected an answer in parts, but got ${await text(message)}`);
  }
  let bytes = '';
  const payloads = split(message, (chunk) => (bytes += chunk));
  const next = async () => (await payloads.next()).value ?? undefined;
  return {
    status: message.statusCode ?? 0,
    headers: message.headers,
    next,
    rest: () => Array.fromAsync(payloads),
    bytes: () => bytes,
    message,
    leave: () => {
      sent.on('error', () => undefined);
      sent.destroy();
    },
  };
}

async function* split(
  message: IncomingMessage,
  onChunk: (chunk: string) => void,
): AsyncGenerator<Payload, undefined> {
  let buffer = '';
  for await (const chunk of message.setEncoding('utf8') as AsyncIterable<string>) {
    onChunk(chunk);
    buffer += chunk;
    const pieces = buffer.split('\r\n---');
    buffer = pieces.pop() ?? '';
    for (const piece of pieces) {
      const [, json] = piece.split('\r\n\r\n');
      if (json) yield JSON.parse(json) as Payload;
    }
  }
  if (buffer !== '--\r\n') throw new Error(`Expected the closing delimiter at the end, but got "${buffer}"`);
  return undefined;
}
