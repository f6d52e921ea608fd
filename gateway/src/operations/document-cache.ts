import { LRUCache } from 'lru-cache';

/** Values that were made of documents, by the text of the document. */
export interface DocumentCache<Value> {
  get(text: string): Value | undefined;
  set(text: string, value: Value): void;
  /** Says how many bytes something takes that was made of the value since it was set, and goes with it. */
  weigh(text: string, bytesOf: (value: Value) => number): void;
  /** The texts that were asked for most often, with that one first. */
  hottest(count: number): readonly string[];
}

// What a syntax tree takes, with its tokens and locations, for each character of its text: measured from 84 (long names)
// to 365 (names of one letter).
const bytesPerCharacter = 250;
const bytesPerEntry = 2000;

// Larger ones are rare, so parsing them again costs less than what they would push out.
const maxTextLength = 65_536;

const defaultBytes = 192 * 2 ** 20;

interface Entry<Value> {
  readonly value: Value;
  uses: number;
}

/**
 * Keeps what was made of documents, the ones used last first. Clients choose the texts, so it is bounded by the
 * memory that they take and not by their number.
 *
 * @param maxBytes roughly, of the documents and all that hangs on them @default 192 MiB
 */
export function createDocumentCache<Value extends object>(maxBytes = defaultBytes): DocumentCache<Value> {
  const entries = new LRUCache<string, Entry<Value>>({ maxSize: maxBytes });
  return {
    get: (text) => {
      const entry = text.length > maxTextLength ? undefined : entries.get(text);
      if (entry) entry.uses += 1;
      return entry?.value;
    },
    set: (text, value) => {
      if (text.length > maxTextLength) return;
      entries.set(text, { value, uses: 1 }, { size: bytesOfDocument(text) });
    },
    weigh: (text, bytesOf) => {
      const entry = entries.peek(text);
      if (!entry) return;
      const size = bytesOfDocument(text) + bytesOf(entry.value);
      // An equal value keeps its old size: only another one is weighed.
      entries.set(text, { ...entry }, { size });
    },
    hottest: (count) =>
      [...entries.entries()]
        .toSorted(([, a], [, b]) => b.uses - a.uses)
        .slice(0, count)
        .map(([text]) => text),
  };
}

const bytesOfDocument = (text: string): number => bytesPerEntry + text.length * bytesPerCharacter;
