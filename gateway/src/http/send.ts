import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const gzipAsync = promisify(gzip);
const brotliAsync = promisify(brotliCompress);

/** Below this, the header costs more than the body saves. */
const compressFromBytes = 1024;

// Above this, joining the two costs more than writing them apart.
const longestText = 16_384;

/** Encodings that we can make, the better one first. */
export type Encoding = 'br' | 'gzip';

/**
 * The encoding to use for an Accept-Encoding header; `undefined` is none.
 *
 * @example acceptableEncoding('gzip, deflate, br;q=0') // 'gzip'
 */
export function acceptableEncoding(header: string | readonly string[] | undefined): Encoding | undefined {
  const accepted = String(header ?? '')
    .toLowerCase()
    .split(',')
    .map((part) => part.replaceAll(' ', ''))
    .filter((part) => !/;q=0(\.0*)?$/.test(part))
    .map((part) => part.split(';')[0]);
  return (['br', 'gzip'] as const).find((encoding) => accepted.includes(encoding));
}

/** Compresses for one answer: fast levels, since the bytes are used once. */
export const compress = (body: Buffer, encoding: Encoding): Promise<Buffer> =>
  encoding === 'br'
    ? brotliAsync(body, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: 4,
          [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
        },
      })
    : gzipAsync(body, { level: 4 });

/** A whole answer. */
export interface Sendable {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string | Buffer;
}

/**
 * Sends a whole body, compressed when it is worth it and the client can read it.
 *
 * @returns how many bytes the body took on the wire; 0 when nobody was left to read it
 */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Sendable,
): number | Promise<number> {
  const encoding =
    body.length >= compressFromBytes ? acceptableEncoding(request.headers['accept-encoding']) : undefined;
  if (!encoding) return sendBytes(response, { status, headers, body: inOneWrite(body) });
  return compress(Buffer.from(body), encoding).then((compressed) =>
    sendBytes(response, {
      status,
      headers: { ...headers, 'content-encoding': encoding },
      body: compressed,
    }),
  );
}

// What makes answers to one request differ.
const varies = 'Accept, Accept-Encoding';

function sendBytes(response: ServerResponse, { status, headers, body }: Sendable): number {
  if (response.headersSent || response.destroyed) return 0;
  const bytes = Buffer.byteLength(body);
  const others = response.getHeader('vary');
  const vary = others === undefined ? varies : `${String(others)}, ${varies}`;
  response.writeHead(status, { ...headers, vary, 'content-length': bytes });
  response.end(body);
  return bytes;
}

/** node:http sends a short text together with the headers, and bytes in a piece of their own. */
const inOneWrite = (body: string | Buffer): string | Buffer =>
  typeof body === 'string' && body.length > longestText ? Buffer.from(body) : body;
