import { InvalidCursor } from './event-log-errors.ts';
import type { LogCursor } from './position.ts';
import { maxPartitions, parsePartition } from './partition.ts';

/** Says how the rest is to be read, should that ever change. */
const version = '1';
const maxLength = 4096;
const cursorGrammar = /^1[A-Za-z0-9_-]*$/;
const sourceGrammar = /^([A-Za-z0-9_-]{1,64}):([0-9a-z]*(?:\.[0-9a-z]*)*)$/;
const numberGrammar = /^[1-9a-z][0-9a-z]*$/;

/**
 * Writes a cursor as text that means nothing to whoever keeps it: letters, digits, `-` and `_`, so that it may stand
 * in a header, a URL and an event stream.
 *
 * @example decodeCursor(encodeCursor(new Map([['posts.0', 7]]))) // Map { "posts.0" → 7 }
 * @throws {InvalidCursor} when there are more partitions in it than a client should carry
 */
export function encodeCursor(cursor: LogCursor): string {
  const text = `${version}${Buffer.from(writeSources(cursor), 'latin1').toString('base64url')}`;
  if (text.length <= maxLength) return text;
  throw new InvalidCursor(`Expected a cursor of at most ${maxLength} characters, but got ${text.length}`);
}

/** Like "posts:c..7,users:1": the numbers of a source's partitions in order, in base 36, nothing for 0. */
function writeSources(cursor: LogCursor): string {
  const sources = new Map<string, string[]>();
  for (const [partition, seq] of cursor) {
    const { source, index } = parsePartition(partition);
    const numbers = sources.get(source) ?? [];
    sources.set(source, numbers);
    while (numbers.length < index) numbers.push('');
    numbers[index] = seq === 0 ? '' : seq.toString(36);
  }
  return [...sources].map(([source, numbers]) => `${source}:${numbers.join('.')}`).join(',');
}

/**
 * Reads what {@link encodeCursor} wrote, also when it comes from somebody who made it up.
 *
 * @throws {InvalidCursor}
 */
export function decodeCursor(text: string): LogCursor {
  if (text.length > maxLength || !cursorGrammar.test(text)) throw notACursor();
  const cursor = new Map<string, number>();
  const seen = new Set<string>();
  const sources = Buffer.from(text.slice(version.length), 'base64url').toString('latin1');
  if (sources === '') return cursor;
  for (const part of sources.split(',')) {
    const [, source = '', text = ''] = sourceGrammar.exec(part) ?? [];
    const numbers = text.split('.');
    if (source === '' || seen.has(source) || numbers.length > maxPartitions) throw notACursor();
    seen.add(source);
    for (const [index, number] of numbers.entries()) {
      if (number !== '') cursor.set(`${source}.${index}`, readNumber(number));
    }
  }
  return cursor;
}

function readNumber(text: string): number {
  const number = numberGrammar.test(text) ? Number.parseInt(text, 36) : Number.NaN;
  if (Number.isSafeInteger(number)) return number;
  throw notACursor();
}

const notACursor = (): InvalidCursor =>
  new InvalidCursor('Expected a cursor that came with an event, but got another text');
