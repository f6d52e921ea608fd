import type { IncomingMessage } from 'node:http';

import { CodedError } from '@tributary/errors';

/**
 * Reads a request's body as JSON.
 *
 * @throws {CodedError} REQUEST_TOO_LARGE past `maxBytes`, BAD_REQUEST for what is not JSON
 */
export async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes)
      throw new CodedError('REQUEST_TOO_LARGE', `Expected a body of at most ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error: unknown) {
    throw new CodedError('BAD_REQUEST', 'Expected a JSON body', { cause: error });
  }
}
