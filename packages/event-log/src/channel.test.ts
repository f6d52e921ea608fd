import { describe, expect, it } from 'vitest';

import { assertChannel, assertChannelPattern, encodeChannelValue } from './channel.ts';

describe('a channel', () => {
  it.each(['post', 'post.42.comment-added', 'user.a%2Eb%2A.online', 'A_b-9.%C3%A9'])(
    'may be %s',
    (channel) => {
      expect(() => assertChannel(channel)).not.toThrow();
    },
  );

  it.each(['', '.', 'a.', '.a', 'a..b', 'post.*', 'post.**', 'a b', 'a/b', '%2e', '%', '%G0', 'é', 'a\n'])(
    'may not be %j',
    (channel) => {
      expect(() => assertChannel(channel)).toThrow(
        `Expected a channel like "post.42.comment-added", but got "${channel}"`,
      );
    },
  );

  it('may not be long', () => {
    expect(() => assertChannel('a'.repeat(512))).not.toThrow();
    expect(() => assertChannel('a'.repeat(513))).toThrow('Expected a channel');
  });
});

describe('a channel pattern', () => {
  it.each(['post', '*', '**', 'post.*.created', 'post.**', '**.created', 'a.**.b.*'])(
    'may be %s',
    (pattern) => {
      expect(() => assertChannelPattern(pattern)).not.toThrow();
    },
  );

  it.each(['', 'post*', '***', 'a.*b', '*.', 'a..*'])('may not be %j', (pattern) => {
    expect(() => assertChannelPattern(pattern)).toThrow(
      `Expected a channel pattern like "post.*.comment-added", but got "${pattern}"`,
    );
  });
});

describe('encodeChannelValue', () => {
  it('makes one segment of any text', () => {
    expect(encodeChannelValue("a.b*c (d)~!'/é")).toBe('a%2Eb%2Ac%20%28d%29%7E%21%27%2F%C3%A9');
    expect(encodeChannelValue(42)).toBe('42');
    expect(encodeChannelValue(true)).toBe('true');
    expect(() => assertChannel(encodeChannelValue('\ud800\n.*'))).not.toThrow();
  });

  it('refuses an empty text, which would be no segment', () => {
    expect(() => encodeChannelValue('')).toThrow('Expected a value to put into a channel');
  });
});
