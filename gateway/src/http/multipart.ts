import type { IncrementalSpec } from './media-type.ts';

// Byte for byte what Apollo Server sends: clients were written against it.
const boundary = '-';
const delimiter = `\r\n--${boundary}`;
const partHeader = 'content-type: application/json; charset=utf-8\r\n\r\n';

/** The content type of an answer in parts. */
export const multipartType = (spec: IncrementalSpec): string =>
  `multipart/mixed; boundary="${boundary}"; ${spec}`;

/** What stands before the first part. */
export const multipartOpening = `${delimiter}\r\n`;

/**
 * One part, with the delimiter that ends it: clients read a part when they see the next delimiter, so it must not wait for
 * the next part.
 */
export const partText = (json: string, isLast: boolean): string =>
  `${partHeader}${json}${delimiter}${isLast ? '--' : ''}\r\n`;
