import { LRUCache } from 'lru-cache';

/** Values that were made of documents, by the text of the document. */
export interface DocumentCache<Value> {
  get(text: string): Value | undefined;
  set(text: string, value: Value): void;
  /** The texts that were asked for most often, with that one first. */
  hottest(count: number): readonly string[];
}

// What a syntax tree takes, with its tokens and locations, for each character of its text: measured from 84 (long names)
// to 365 (names of one letter).
const bytesPerCharacter = 250;
const bytesPerEntry = 2000;

// Larger ones are rare, so parsing them again costs less than what they would push out.
const maxTextLength = 65_536;

const defaultBytes = 128 * 2 ** 20;

/**
 * Keeps what was made of documents, the ones used last first. Clients choose the texts, so it is bounded by the
 * memory that they take and not by their number.
 *
 * @param maxBytes roughly, by the length of the texts @default 128 MiB
 */
export function createDocumentCache<Value extends object>(maxBytes = defaultBytes): DocumentCache<Value> {
  const entries = new LRUCache<string, { readonly value: Value; uses: number }>({ maxSize: maxBytes });
  return {
    get: (text) => {
      const entry = text.length > maxTextLength ? undefined : entries.get(text);
      if (entry) entry.uses += 1;
      return entry?.value;
    },
    set: (text, value) => {
      if (text.length > maxTextLength) return;
      entries.set(text, { value, uses: 1 }, { size: bytesPerEntry + text.length * bytesPerCharacter });
    },
    hottest: (count) =>
      [...entries.entries()]
        .toSorted(([, a], [, b]) => b.uses - a.uses)
        .slice(0, count)
        .map(([text]) => text),
  };
}
