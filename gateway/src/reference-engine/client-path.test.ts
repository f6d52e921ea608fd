import { expect, it } from 'vitest';

import { clientPath } from './client-path.ts';

it.each([
  [['post', 'cost'], { post: { cost: null } }, ['post', 'cost']],
  [['post', 'weight'], { post: { cost: null } }, ['post']],
  [['posts', 1, 'cost'], { posts: [{ cost: 1 }, { cost: null }] }, ['posts', 1, 'cost']],
  [['posts', 5, 'cost'], { posts: [] }, ['posts']],
  [['posts', '@', 'cost'], { posts: [{ cost: 1 }] }, ['posts']],
  [['post', 'author', 'name'], { post: null }, ['post', 'author', 'name']],
  [['post'], null, ['post']],
])('cuts %j in %j to %j', (path, data, expected) => {
  expect(clientPath(path, data)).toEqual(expected);
});
