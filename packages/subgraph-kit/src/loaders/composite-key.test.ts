import { array, assert, constantFrom, oneof, option, property, string } from 'fast-check';
import { expect, it } from 'vitest';

import { compositeKey } from './composite-key.ts';

it('joins its parts in their order', () => {
  expect(compositeKey('user', 123, 'post', '456')).toBe('user:123:post:456');
});

it('writes a time as ISO 8601', () => {
  expect(compositeKey('u1', new Date('2026-01-02T03:04:05.678Z'))).toBe('u1:2026-01-02T03%3A04%3A05.678Z');
});

it.each([
  ['a separator inside a part', ['a:b', 'c'], ['a', 'b:c']],
  ['an escaped separator', ['a%3Ab'], ['a:b']],
  ['keys that begin alike', ['userId', '123'], ['userId', '1234']],
  ['an absent part and the text of one', [null], ['null']],
  ['an absent part and an empty one', [undefined], ['']],
  ['an absent part and what stands for one', [null], ['%0']],
  ['the same parts in another order', ['a', 'b'], ['b', 'a']],
])('tells keys apart: %s', (_why, one, other) => {
  expect(compositeKey(...one)).not.toBe(compositeKey(...other));
});

it('takes an absent part and null for the same', () => {
  expect(compositeKey('u1', undefined)).toBe(compositeKey('u1', null));
});

it('gives two keys one text only if they are equal, whatever characters their parts have', () => {
  const text = oneof(string({ unit: 'binary' }), string({ unit: constantFrom(':', '%', '0', '3', 'A') }));
  const parts = array(option(text), { minLength: 1, maxLength: 4 });
  assert(
    property(parts, parts, (one, other) => {
      const areEqual = JSON.stringify(one) === JSON.stringify(other);
      return (compositeKey(...one) === compositeKey(...other)) === areEqual;
    }),
  );
});

it('takes half of a surrogate pair, which a client can send', () => {
  expect(compositeKey('\uD800')).not.toBe(compositeKey('\uD801'));
});
