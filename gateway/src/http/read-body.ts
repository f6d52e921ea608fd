import type { IncomingMessage } from 'node:http';

import { BadRequest, RequestTooLarge } from '../errors/gateway-errors.ts';
import { decodeText } from './decode-text.ts';

export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly bodyTimeoutMs: number;
}

/**
 * Reads a body as text, no longer and no more of it than the limits say.
 *
 * @throws {RequestTooLarge} as soon as it is known, not when the rest has arrived
 * @throws {BadRequest} 408 for a body that comes too slowly, 400 for one that is cut off or not UTF-8
 */
export async function readBody(request: IncomingMessage, limits: BodyLimits): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > limits.maxBodyBytes) {
    throw new RequestTooLarge(limits.maxBodyBytes).with({ extensions: closing });
  }
  const chunks = await readChunks(request, limits);
  const [only] = chunks;
  const text = decodeText(only && chunks.length === 1 ? only : Buffer.concat(chunks));
  if (text === undefined) throw new BadRequest('Expected a body in UTF-8, but some of its bytes are not');
  return text;
}

// What is left of a refused body would be read as the next request: the connection ends with the answer.
const closing = { http: { headers: { connection: 'close' } } };

function readChunks(request: IncomingMessage, limits: BodyLimits): Promise<Buffer[]> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer[]>();
  const chunks: Buffer[] = [];
  let length = 0;
  // The listeners stay: they go with the request, and taking them off one by one costs more than to ask this.
  let isOver = false;
  const refuse = (error: Error) => {
    isOver = true;
    clearTimeout(timer);
    if (!request.complete) request.pause();
    reject(error);
  };
  const onData = (chunk: Buffer) => {
    if (isOver) return;
    length += chunk.length;
    chunks.push(chunk);
    if (length > limits.maxBodyBytes) {
      refuse(new RequestTooLarge(limits.maxBodyBytes).with({ extensions: closing }));
    }
  };
  // At once and not when the promise is looked at: every request closes, and an error takes long to make.
  const onEnd = () => {
    isOver = true;
    clearTimeout(timer);
    resolve(chunks);
  };
  const onClose = () => {
    if (!isOver) refuse(new BadRequest('Expected a whole body, but the connection ended before it'));
  };
  const timer = setTimeout(() => refuse(tooSlow(limits.bodyTimeoutMs)), limits.bodyTimeoutMs);
  request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  return promise;
}

const tooSlow = (ms: number) =>
  new BadRequest(`Expected the whole body within ${ms} ms, but it did not arrive`).with({
    extensions: { http: { status: 408, ...closing.http } },
  });
