import type { SharedResult } from './subscriber-sink.ts';

/** What an event was answered with, before anybody's cursor is put to it. */
export interface AnswerMembers {
  /** JSON text. */
  readonly data: string;
  /** JSON text of the list; `undefined` where there are none. */
  readonly errors: string | undefined;
}

const eventOpening = ',"extensions":{"event":{';
const eventClosing = '}}}';

/**
 * Writes a result once, for all who get it.
 *
 * @example writeResult({ data: '{"a":1}', errors: undefined }, 'x').bytes.toString()
 * // {"data":{"a":1},"extensions":{"event":{"cursor":"x"}}}
 */
export function writeResult({ data, errors }: AnswerMembers, cursor: string | undefined): SharedResult {
  // Errors first: they are what a developer looks for.
  const members = `{${errors === undefined ? '' : `"errors":${errors},`}"data":${data}`;
  const text =
    cursor === undefined
      ? `${members}}`
      : `${members}${eventOpening}"cursor":${JSON.stringify(cursor)}${eventClosing}`;
  return { bytes: Buffer.from(text), cursor };
}

/** What tells a client where it begins, before the first event has come. */
export const writeOpening = (cursor: string): SharedResult => ({
  bytes: Buffer.from(
    `{"data":null${eventOpening}"cursor":${JSON.stringify(cursor)},"opened":true${eventClosing}`,
  ),
  cursor,
});

/** The same result for one who was to get others before it and did not. */
export function withDropped({ bytes, cursor }: SharedResult, dropped: number): SharedResult {
  const [kept, opening] =
    cursor === undefined
      ? [bytes.subarray(0, -1), eventOpening]
      : [bytes.subarray(0, -eventClosing.length), ','];
  const told = Buffer.from(`${opening}"dropped":${dropped}${eventClosing}`);
  return { bytes: Buffer.concat([kept, told]), cursor };
}
