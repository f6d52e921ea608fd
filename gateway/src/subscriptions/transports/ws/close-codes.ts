/**
 * Codes of WebSockets themselves, beside those of the protocol on them.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
 * @see https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number
 */
export const closeCodes = {
  normal: 1000,
  unsupportedData: 1003,
  policyViolation: 1008,
  serviceRestart: 1012,
  tryAgainLater: 1013,
} as const;

// A control frame has 125 bytes, two of them for the code.
const longestReason = 123;
const ellipsis = '…';

/**
 * A reason that fits into a close frame.
 *
 * @example closeReason('é'.repeat(100)) // 60 é and …
 */
export function closeReason(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= longestReason) return text;
  const kept = bytes.subarray(0, longestReason - Buffer.byteLength(ellipsis)).toString();
  return kept.replace(/\uFFFD+$/, '') + ellipsis;
}
