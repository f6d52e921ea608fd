import { describe, expect, it } from 'vitest';

import { assertChannel, assertChannelPattern } from './channel.ts';

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
