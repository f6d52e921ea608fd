import { InvalidEvent } from './event-log-errors.ts';

/** Long enough for any name, short enough for any index. */
const maxChannelLength = 512;
/** What one subscription may follow. */
const maxChannels = 100;

/** `encodeURIComponent` leaves these as they are, and `.` and `*` mean something here. */
const leftByEncodeUri = /[.!~*'()]/g;
const segment = '(?:[A-Za-z0-9_-]|%[0-9A-F]{2})+';
const channelGrammar = new RegExp(`^${segment}(?:\\.${segment})*$`);
const patternGrammar = new RegExp(`^(?:${segment}|\\*\\*?)(?:\\.(?:${segment}|\\*\\*?))*$`);
const placeholder = /\{([A-Za-z_][\w]*(?:\.[A-Za-z_][\w]*)+)\}/g;

/**
 * Checks the name of a channel: segments of letters, digits, `_`, `-` and percent-encoded bytes, with dots between.
 *
 * @example assertChannel('post.42.comment-added')
 * @throws {InvalidEvent}
 */
export function assertChannel(channel: string): void {
  check(channel, channelGrammar, 'a channel like "post.42.comment-added"');
}

/**
 * Checks a pattern: a channel in which `*` stands for one segment and `**` for one or more.
 *
 * @example assertChannelPattern('post.*.comment-added')
 * @throws {InvalidEvent}
 */
export function assertChannelPattern(pattern: string): void {
  check(pattern, patternGrammar, 'a channel pattern like "post.*.comment-added"');
}

function check(text: string, grammar: RegExp, expected: string): void {
  if (text.length <= maxChannelLength && grammar.test(text)) return;
  throw new InvalidEvent(`Expected ${expected}, but got "${text.slice(0, 100)}"`);
}

/**
 * Writes a value so that it can stand in a channel: one segment, whatever it holds.
 *
 * @example encodeChannelValue('a.b*') // "a%2Eb%2A"
 * @throws {InvalidEvent} when it is empty, since an empty segment is none
 */
export function encodeChannelValue(value: string | number | boolean): string {
  const text = String(value);
  if (text === '') throw new InvalidEvent('Expected a value to put into a channel, but got an empty text');
  if (!text.isWellFormed()) throw new InvalidEvent('Expected Unicode text to put into a channel');
  return encodeURIComponent(text).replaceAll(leftByEncodeUri, percentEncode);
}

const percentEncode = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

/** The names in the braces of a template, like `["args.postId"]`. */
export const channelVariables = (template: string): readonly string[] =>
  [...template.matchAll(placeholder)].map(([, path = '']) => path);

/**
 * Fills in a template, which gives the patterns to follow. A list is one pattern for each item, none for an empty
 * list. A missing argument (`{args.…}`) is `*`; anything else that is missing is refused, because whoever has no
 * `{principal.sub}` must not follow everybody's.
 *
 * @example
 * fillChannel('post.{args.postId}.comment-added', () => '4.2') // ["post.4%2E2.comment-added"]
 * fillChannel('user.{args.userIds}.presence', () => ['1', '2']) // ["user.1.presence", "user.2.presence"]
 * @throws {InvalidEvent} when a value is missing, is no scalar or list of scalars, or gives more than 100 channels
 */
export function fillChannel(template: string, valueOf: (path: string) => unknown): readonly string[] {
  let filled = [template];
  for (const path of new Set(channelVariables(template))) {
    const segments = segmentsOf(path, valueOf(path));
    if (filled.length * segments.length > maxChannels) {
      throw new InvalidEvent(`Expected at most ${maxChannels} channels of "${template}"`);
    }
    filled = filled.flatMap((text) => segments.map((segment) => text.replaceAll(`{${path}}`, () => segment)));
  }
  for (const pattern of filled) assertChannelPattern(pattern);
  return [...new Set(filled)];
}

function segmentsOf(path: string, value: unknown): readonly string[] {
  if (value !== undefined && value !== null) {
    return (Array.isArray(value) ? value : [value]).map((item) => encodeItem(path, item));
  }
  if (path.startsWith('args.')) return ['*'];
  throw new InvalidEvent(`Expected a value for {${path}}, but there is none`);
}

function encodeItem(path: string, item: unknown): string {
  if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean') {
    return encodeChannelValue(item);
  }
  throw new InvalidEvent(`Expected {${path}} to be a scalar or a list of scalars`);
}
