import type { IncomingMessage } from 'node:http';

import { CodedError, type ErrorCode, type ErrorDetails } from '@tributary/errors';

/** A request that is refused before anybody looks at its operation. */
export class RequestRefused extends CodedError {
  /** Of HTTP. */
  readonly status: number;

  constructor(status: number, code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(code, message, details);
    this.status = status;
  }
}

export interface BodyLimits {
  readonly maxBytes: number;
  /** From the head of the request to the end of its body. */
  readonly timeoutMs: number;
}

/**
 * Reads a request's body as JSON.
 *
 * @throws {RequestRefused} 415 for another content type, 413 past `maxBytes`, 408 for a body that comes too slowly, 400
 *   for what is not JSON or not whole
 */
export async function readJsonBody(request: IncomingMessage, limits: BodyLimits): Promise<unknown> {
  checkContentType(request.headers['content-type']);
  const text = await readText(request, limits);
  try {
    return JSON.parse(text);
  } catch (error: unknown) {
    throw new RequestRefused(400, 'BAD_REQUEST', 'Expected a JSON body', { cause: error });
  }
}

function checkContentType(header: string | undefined): void {
  const type = header?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/json') return;
  const got = type ? `"${type.slice(0, 100)}"` : 'none';
  throw new RequestRefused(
    415,
    'BAD_REQUEST',
    `Expected the content type "application/json", but got ${got}`,
  );
}

/** By events: leaving an async iterator early closes the connection, or keeps it busy with the rest of the body. */
function readText(request: IncomingMessage, { maxBytes, timeoutMs }: BodyLimits): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    // What comes after the limit is read and dropped, so that the client gets to reading its refusal.
    if (size <= maxBytes) chunks.push(chunk);
    else reject(tooLarge(maxBytes));
  });
  request.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
  request.once('error', (error) => reject(cutOff(error)));
  const timer = setTimeout(() => reject(tooSlow(timeoutMs)), timeoutMs);
  return promise.finally(() => clearTimeout(timer));
}

const tooLarge = (maxBytes: number) =>
  new RequestRefused(413, 'REQUEST_TOO_LARGE', `Expected a body of at most ${maxBytes} bytes, but got more`);

const tooSlow = (ms: number) =>
  new RequestRefused(408, 'BAD_REQUEST', `Expected the whole body within ${ms} ms, but it did not arrive`);

const cutOff = (cause: Error) =>
  new RequestRefused(400, 'BAD_REQUEST', 'Expected the whole body, but the connection was closed', { cause });
