import { isUtf8 } from 'node:buffer';

/** The text of a JSON body, or `undefined` when its bytes are not UTF-8. A byte order mark is passed over. */
export function decodeText(bytes: Buffer): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return bytes.toString('utf8', isMarked ? 3 : 0);
}
