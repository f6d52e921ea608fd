import { inspect } from 'node:util';

import { assertChannel } from './channel.ts';
import { InvalidEvent } from './event-log-errors.ts';
import { maxEventBytes, type Event } from './event.ts';
import { isJson, isPlainObject } from './json.ts';
import { isSourceName } from './partition.ts';

/** More entities than that are no longer "what changes with it". */
const maxTouches = 100;
const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const graphqlName = /^[A-Za-z_][A-Za-z0-9_]*$/;
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

type Check = (value: unknown) => boolean;

/** What each field has to be. In the order of {@link Event}. */
const fields: Readonly<Record<keyof Event, { readonly expected: string; readonly isRight: Check }>> = {
  id: { expected: 'a UUID in lower case', isRight: matches(uuid) },
  channel: { expected: 'a channel like "post.42.comment-added"', isRight: isChannel },
  type: { expected: 'a name like "CommentAdded"', isRight: matches(graphqlName) },
  occurredAt: { expected: 'a time like "2026-01-02T03:04:05.678Z"', isRight: isTime },
  source: {
    expected: 'the name of a subgraph',
    isRight: (value) => typeof value === 'string' && isSourceName(value),
  },
  entity: { expected: 'an object with __typename and the fields of a key', isRight: isEntity },
  touches: {
    expected: `a list of at most ${maxTouches} entities`,
    isRight: optional(
      (value) => Array.isArray(value) && value.length <= maxTouches && value.every((item) => isEntity(item)),
    ),
  },
  audience: { expected: 'an object with principals or roles', isRight: optional(isAudience) },
  data: { expected: 'an object that JSON can write', isRight: optional((value) => isPlainObject(value)) },
};
const fieldNames: ReadonlySet<string> = new Set(Object.keys(fields));

function matches(grammar: RegExp): Check {
  return (value) => typeof value === 'string' && value.length <= 256 && grammar.test(value);
}

function optional(isRight: Check): Check {
  return (value) => value === undefined || isRight(value);
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && isoTime.test(value) && !Number.isNaN(Date.parse(value));
}

function isEntity(value: unknown): boolean {
  return (
    isPlainObject(value) &&
    typeof value['__typename'] === 'string' &&
    graphqlName.test(value['__typename']) &&
    Object.keys(value).length > 1
  );
}

/** One that names nobody would be an event for nobody: a mistake, and not one to be made safe by guessing. */
function isAudience(value: unknown): boolean {
  if (!isPlainObject(value)) return false;
  const { principals, roles, ...rest } = value;
  const areTexts = [principals, roles].every(optional(isListOfTexts));
  return areTexts && (principals !== undefined || roles !== undefined) && Object.keys(rest).length === 0;
}

const isListOfTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

function isChannel(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  try {
    assertChannel(value);
    return true;
  } catch {
    return false; // the reason is in `expected` too
  }
}

/**
 * Checks that a value is an event, every field of it.
 *
 * @throws {InvalidEvent} names the first field that is wrong, what was expected and what came
 */
export function assertEvent(value: unknown): asserts value is Event {
  if (!isPlainObject(value)) throw new InvalidEvent(`Expected an event, but got ${show(value)}`);
  for (const [name, { expected, isRight }] of Object.entries(fields)) {
    if (isRight(value[name])) continue;
    throw new InvalidEvent(`Expected ${name} of an event to be ${expected}, but got ${show(value[name])}`);
  }
  const unknown = Object.keys(value).find((name) => !fieldNames.has(name));
  if (unknown !== undefined) throw new InvalidEvent(`Expected no field "${unknown}" in an event`);
  const unwritable = Object.keys(value).find((name) => value[name] !== undefined && !isJson(value[name]));
  if (unwritable === undefined) return;
  throw new InvalidEvent(`Expected ${unwritable} of an event to be what JSON can write`);
}

const show = (value: unknown): string =>
  (typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: 1 })).slice(0, 100);

/**
 * Writes an event as the text that is kept and sent.
 *
 * @throws {InvalidEvent} when it is not one, or larger than {@link maxEventBytes}
 */
export function stringifyEvent(event: Event): string {
  assertEvent(event);
  const text = JSON.stringify(event);
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxEventBytes) return text;
  throw new InvalidEvent(
    `Expected an event of at most ${maxEventBytes} bytes, but got ${bytes}: keep in data only what saves a fetch`,
  );
}

/**
 * Reads an event.
 *
 * @throws {InvalidEvent} when the text is none, or larger than {@link maxEventBytes}
 */
export function parseEvent(text: string): Event {
  if (Buffer.byteLength(text) > maxEventBytes) {
    throw new InvalidEvent(`Expected an event of at most ${maxEventBytes} bytes`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error: unknown) {
    throw new InvalidEvent('Expected an event as JSON', { cause: error });
  }
  assertEvent(value);
  return value;
}
