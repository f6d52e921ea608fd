import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ChannelTrie } from './channel-trie.ts';

const matching = (patterns: readonly string[], channel: string): string[] => {
  const trie = new ChannelTrie<string>();
  for (const pattern of patterns) trie.add(pattern, pattern);
  return [...trie.match(channel)];
};

describe('a channel trie', () => {
  it.each([
    ['post.1.created', 'post.1.created', true],
    ['post.1.created', 'post.1', false],
    ['post.*.created', 'post.1.created', true],
    ['post.*.created', 'post.1.2.created', false],
    ['post.*', 'post', false],
    ['*', 'post', true],
    ['*', 'post.1', false],
    ['post.**', 'post.1.created', true],
    ['post.**', 'post', false],
    ['**', 'post.1.created', true],
    ['**.created', 'post.1.created', true],
    ['**.created', 'created', false],
    ['post.**.created', 'post.1.2.created', true],
    ['post.**.created', 'post.created', false],
    ['user.*.**', 'user.1', false],
    ['user.*.**', 'user.1.online', true],
    ['post.%2A.created', 'post.1.created', false],
  ])('says whether %s matches %s', (pattern, channel, expected) => {
    expect(matching([pattern], channel)).toEqual(expected ? [pattern] : []);
  });

  it('finds a value once, however many of its patterns match', () => {
    const trie = new ChannelTrie<string>();
    for (const pattern of ['a.b', 'a.*', '**']) trie.add(pattern, 'ada');
    trie.add('*.b', 'bob');
    expect([...trie.match('a.b')].toSorted()).toEqual(['ada', 'bob']);
    expect(trie.size).toBe(4);
  });

  it('keeps what one follower added when another one leaves, and when it leaves twice', () => {
    const trie = new ChannelTrie<string>();
    const removeFirst = trie.add('a.b', 'ada');
    const removeSecond = trie.add('a.b', 'ada');
    trie.add('a.b', 'bob');
    removeFirst();
    removeFirst();
    expect([...trie.match('a.b')]).toEqual(['ada', 'bob']);
    removeSecond();
    expect([...trie.match('a.b')]).toEqual(['bob']);
    expect(trie.size).toBe(1);
  });

  it('may be changed while what matched is gone through', () => {
    const trie = new ChannelTrie<string>();
    const removes = ['ada', 'bob', 'cy'].map((value) => trie.add('a', value));
    const found: string[] = [];
    for (const value of trie.match('a')) {
      found.push(value);
      for (const remove of removes) remove();
    }
    expect(found).toEqual(['ada', 'bob', 'cy']);
    expect([...trie.match('a')]).toEqual([]);
  });

  it('refuses what is no pattern', () => {
    expect(() => new ChannelTrie().add('post.*x', 1)).toThrow('Expected a channel pattern');
  });

  it('finds what trying each pattern would find, whatever was added and taken back', () => {
    const segments = fc.constantFrom('a', 'b', 'c');
    const pattern = fc
      .array(fc.oneof(segments, fc.constantFrom('*', '**')), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join('.'));
    const channel = fc.array(segments, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('.'));
    const addition = fc.record({ pattern, value: fc.nat(5), isTakenBack: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(addition, { maxLength: 40 }),
        fc.array(channel, { maxLength: 10 }),
        (additions, channels) => {
          const trie = new ChannelTrie<number>();
          const removes = additions.map(({ pattern, value }) => trie.add(pattern, value));
          for (const [index, { isTakenBack }] of additions.entries()) if (isTakenBack) removes[index]?.();
          const left = additions.filter(({ isTakenBack }) => !isTakenBack);
          expect(trie.size).toBe(left.length);
          for (const channel of channels) {
            const expected = new Set(
              left.filter(({ pattern }) => toRegExp(pattern).test(channel)).map(({ value }) => value),
            );
            const found = [...trie.match(channel)];
            expect(found).toHaveLength(expected.size);
            expect(new Set(found)).toEqual(expected);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('does not take long over a pattern that could match in many ways', () => {
    const trie = new ChannelTrie<string>();
    trie.add(`${'**.a.'.repeat(60)}b`, 'ada');
    expect([...trie.match(`${'a.'.repeat(250)}c`)]).toEqual([]);
    expect([...trie.match(`${'a.'.repeat(250)}b`)]).toEqual(['ada']);
  });
});

/** Slow and easily seen to be right. */
const toRegExp = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern.replaceAll('.', '\\.').replaceAll(/\*\*?/g, (star) => (star === '*' ? '[^.]+' : '.+'))}$`,
  );
