import { expect, it } from 'vitest';

import { readBody } from './live-post.ts';

const author = { name: 'Member Number 1' };
const post = { title: 'The title of post number 1' };

it('reads the comment of a result that has what was selected', () => {
  expect(readBody({ data: { commentAdded: { body: 'one', author, post } } })).toBe('one');
});

it.each([
  ['less', { commentAdded: { body: 'one', author: null, post } }],
  ['more', { commentAdded: { body: 'one', author: { ...author, id: '1' }, post } }],
  ['nothing', null],
])('refuses a result that has %s', (_what, data) => {
  expect(() => readBody({ data })).toThrow('Expected a comment, its author and its post');
});
