// As much of WebSocket frames as a client of a benchmark needs: https://www.rfc-editor.org/rfc/rfc6455#section-5.2
export const opcodes = { text: 0x1, close: 0x8, ping: 0x9, pong: 0xa } as const;

const final = 0x80;
const masked = 0x80;
const longest7Bits = 125;
const length16Bits = 126;
const length64Bits = 127;

/** Writes a frame of a client. Its mask is zero, which is one, and leaves the payload as it is. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  const header =
    payload.length <= longest7Bits
      ? [final | opcode, masked | payload.length]
      : [final | opcode, masked | length16Bits, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from([...header, 0, 0, 0, 0]), payload]);
}

/** Writes a text frame of a server. */
export function serverFrame(payload: Buffer): Buffer {
  const header =
    payload.length <= longest7Bits
      ? [final | opcodes.text, payload.length]
      : [final | opcodes.text, length16Bits, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from(header), payload]);
}

export type OnFrame = (opcode: number, bytes: Buffer, from: number, to: number) => void;

/**
 * Reads the whole frames in what a server has sent.
 *
 * @returns where the first one begins that is not whole
 */
export function readFrames(bytes: Buffer, start: number, end: number, onFrame: OnFrame): number {
  let at = start;
  while (end - at >= 2) {
    const opcode = (bytes[at] ?? 0) & 0x0f;
    let length = (bytes[at + 1] ?? 0) & 0x7f;
    let from = at + 2;
    if (length === length16Bits) {
      if (end - at < 4) return at;
      length = bytes.readUInt16BE(at + 2);
      from = at + 4;
    } else if (length === length64Bits) {
      if (end - at < 10) return at;
      length = Number(bytes.readBigUInt64BE(at + 2));
      from = at + 10;
    }
    if (end - from < length) return at;
    onFrame(opcode, bytes, from, from + length);
    at = from + length;
  }
  return at;
}
