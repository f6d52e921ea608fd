import { expect, it } from 'vitest';

import { containsPattern } from './contains-pattern.ts';

it('finds a text anywhere', () => {
  expect(containsPattern('ada')).toBe('%ada%');
  expect(containsPattern('')).toBe('%%');
});

it.each([
  ['100%', '%100\\%%'],
  ['a_b', '%a\\_b%'],
  ['back\\slash', '%back\\\\slash%'],
])('takes the wildcards of %s for characters', (text, pattern) => {
  expect(containsPattern(text)).toBe(pattern);
});
