import { defineError } from '@tributary/errors';

import { principalFields, printPath, valueAt, type EventPath, type EventScope } from './event-path.ts';
import { GrammarError } from './grammar-error.ts';

/** The `channel` of an `@event`: where the events of a subscription field come from. */
export interface ChannelTemplate {
  readonly text: string;
  /** What is filled in, for whoever knows the arguments' types. */
  readonly placeholders: readonly EventPath[];
  /**
   * The channels of one subscription: one for each combination of the items of list arguments. An optional argument
   * that is missing is `*`.
   *
   * @example parseChannelTemplate('post.{args.postId}.comment-added').channelsFor({ args: { postId: '4.2' }, … }) // ['post.4%2E2.comment-added']
   * @throws {CodedError} BAD_USER_INPUT for an empty list or value, or more than 100 channels; UNAUTHENTICATED where
   *   the caller's subject belongs in and there is none
   */
  channelsFor(scope: EventScope): readonly string[];
}

/** More channels in one subscription are refused. */
export const maxChannels = 100;

const Unfillable = defineError('BAD_USER_INPUT', (sentence: string) => sentence);
const SignInNeeded = defineError('UNAUTHENTICATED', () => 'Sign in to subscribe to this');

const literal = /^(?:[A-Za-z0-9_-]+|\*\*?)$/;
const placeholder = /^\{(args|principal)((?:\.[_A-Za-z][_0-9A-Za-z]*)+)\}$/;

type Segment = string | EventPath;

/**
 * Reads a channel: names divided by dots, each a literal, `*`, `**` or one placeholder.
 *
 * @throws {GrammarError} that says which segment is wrong
 */
export function parseChannelTemplate(text: string): ChannelTemplate {
  const segments = splitSegments(text).map((segment) => parseSegment(segment, text));
  const placeholders = segments.filter((segment): segment is EventPath => typeof segment !== 'string');
  return {
    text,
    placeholders,
    channelsFor: (scope) =>
      segments
        .reduce<readonly string[][]>(
          (channels, segment) => {
            const values = typeof segment === 'string' ? [segment] : valuesOf(segment, scope);
            const combined = channels.flatMap((channel) => values.map((value) => [...channel, value]));
            if (combined.length <= maxChannels) return combined;
            throw new Unfillable(`Expected at most ${maxChannels} channels, but the arguments name more`);
          },
          [[]],
        )
        .map((channel) => channel.join('.')),
  };
}

/**
 * One name of a channel for any text: what could be taken for a dot, a wildcard or a placeholder is percent-encoded.
 *
 * @example encodeChannelName('a.b*') // 'a%2Eb%2A'
 */
export const encodeChannelName = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*.~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/**
 * The channel that an event is published in.
 *
 * @example channelOf('post', post.id, 'comment-added') // 'post.42.comment-added'
 * @throws {TypeError} for an empty part
 */
export function channelOf(...parts: readonly [string, ...string[]]): string {
  if (parts.includes(''))
    throw new TypeError(`Expected no empty part in a channel, but got ${parts.join('.')}`);
  return parts.map(encodeChannelName).join('.');
}

/** Divides at the dots outside of braces. */
const splitSegments = (text: string): readonly string[] => text.split(/\.(?![^{]*\})/);

function parseSegment(segment: string, text: string): Segment {
  if (literal.test(segment)) return segment;
  const [, root, names = ''] = placeholder.exec(segment) ?? [];
  const path = { root: root as 'args' | 'principal', names: names.slice(1).split('.') };
  if (root === 'args') return path;
  if (root === 'principal' && path.names.join('.') === 'sub') return path;
  if (root === 'principal') {
    const wanted = principalFields[0];
    throw new GrammarError(`Expected {principal.${wanted}} in channel "${text}", but got ${segment}`);
  }
  throw new GrammarError(
    `Expected names of letters, digits, "_" and "-", "*", "**" or placeholders such as {args.id}, divided by dots, ` +
      `but got "${segment}" in channel "${text}"`,
  );
}

/** The names that stand for a placeholder. */
function valuesOf(path: EventPath, { args, principal }: EventScope): readonly string[] {
  if (path.root === 'principal') {
    if (principal.sub === undefined) throw new SignInNeeded();
    return [nameOf(principal.sub, path)];
  }
  const value = valueAt(args, path.names);
  if (value === undefined || value === null) return ['*'];
  if (!Array.isArray(value)) return [nameOf(value, path)];
  if (value.length === 0) {
    throw new Unfillable(`Argument "${path.names.join('.')}" must name at least one, but it is empty`);
  }
  // Checked before they are counted without duplicates: a long list costs time in any case.
  if (value.length > maxChannels) {
    throw new Unfillable(
      `Argument "${path.names.join('.')}" must have at most ${maxChannels} items, but has ${value.length}`,
    );
  }
  return [...new Set(value.map((item: unknown) => nameOf(item, path)))];
}

function nameOf(value: unknown, path: EventPath): string {
  const isName = ['string', 'number', 'boolean'].includes(typeof value) && value !== '';
  if (isName) return encodeChannelName(String(value));
  throw new Unfillable(`Expected a value for ${printPath(path)}, but it is empty`);
}
