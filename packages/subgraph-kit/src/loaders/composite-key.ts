/** A part of a key that is made of several. */
export type KeyPart = string | number | boolean | null | undefined | Date;

/**
 * One text for a key of several parts, unambiguous whatever the parts contain.
 *
 * @example compositeKey('user', 'a:b', 1) // 'user:a%3Ab:1'
 */
export const compositeKey = (...parts: readonly KeyPart[]): string => parts.map(encodePart).join(':');

const encodePart = (part: KeyPart): string => {
  // "%0" cannot come out of escaping a text, so an absent part never equals the text "null".
  if (part == null) return '%0';
  const text = part instanceof Date ? part.toISOString() : String(part);
  // Not encodeURIComponent, which throws for half a surrogate pair: clients can send that in any string.
  return text.replaceAll('%', '%25').replaceAll(':', '%3A');
};
