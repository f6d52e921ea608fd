import type { Framing } from '../outbox.ts';

// The final frame of a text: https://www.rfc-editor.org/rfc/rfc6455#section-5.2
const finalText = 0x81;
const longest7Bits = 125;
const length16Bits = 126;
const length64Bits = 127;
const closingBrace = 0x7d;

/**
 * Messages of graphql-transport-ws as WebSocket frames of a server: not masked, not compressed. One with a prefix is
 * `prefix`, `body` and the brace that ends the prefix's object; one without is `body` alone.
 */
export const webSocketFraming: Framing = {
  sizeOf: (prefix, body) => {
    const length = payloadLength(prefix, body);
    return headerLength(length) + length;
  },
  copy: (target, start, prefix, body) => {
    let at = writeHeader(target, start, payloadLength(prefix, body));
    target.set(prefix, at);
    at += prefix.length;
    target.set(body, at);
    at += body.length;
    if (prefix.length === 0) return at;
    target[at] = closingBrace;
    return at + 1;
  },
};

/** What stands before the payload in each `next` of an operation; the frame adds the brace after it. */
export const nextPrefix = (id: string): Buffer =>
  Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);

const payloadLength = (prefix: Buffer, body: Buffer): number =>
  prefix.length + body.length + (prefix.length === 0 ? 0 : 1);

function headerLength(payload: number): number {
  if (payload <= longest7Bits) return 2;
  return payload < 65_536 ? 4 : 10;
}

function writeHeader(target: Buffer, at: number, payload: number): number {
  target[at] = finalText;
  if (payload <= longest7Bits) {
    target[at + 1] = payload;
    return at + 2;
  }
  if (payload < 65_536) {
    target[at + 1] = length16Bits;
    return target.writeUInt16BE(payload, at + 2);
  }
  target[at + 1] = length64Bits;
  return target.writeBigUInt64BE(BigInt(payload), at + 2);
}
