import { InvalidEvent } from './event-log-errors.ts';

/** Long enough for any name, short enough for any index. */
const maxChannelLength = 512;
const segment = '(?:[A-Za-z0-9_-]|%[0-9A-F]{2})+';
const channelGrammar = new RegExp(`^${segment}(?:\\.${segment})*$`);
const patternGrammar = new RegExp(`^(?:${segment}|\\*\\*?)(?:\\.(?:${segment}|\\*\\*?))*$`);

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
