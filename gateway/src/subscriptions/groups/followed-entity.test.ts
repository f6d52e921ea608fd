import { expect, it } from 'vitest';

import { followsEntityOf } from './followed-entity.ts';

const follows = (entity: Parameters<typeof followsEntityOf>[0]['entity'], ...patterns: readonly string[]) =>
  followsEntityOf(
    { entity },
    patterns.map((pattern) => ({ pattern, filter: undefined })),
  );
const post = { __typename: 'Post', id: '42' };

it.each([
  ['its own channel', post, ['post.42.updated'], true],
  ['all of its channels', post, ['post.42.updated', 'post.42.deleted', 'post.42.*'], true],
  ['a name of several words', { __typename: 'BlogPost', id: 4 }, ['blog-post.4.updated'], true],
  ['a key that is encoded', { __typename: 'Post', id: 'a.b' }, ['post.a%2Eb.updated'], true],
  ['another one of its type', post, ['post.43.updated'], false],
  ['one of another type with its key', post, ['comment.42.updated'], false],
  ['one of several', post, ['post.42.updated', 'post.43.updated'], false],
  ['all of its type', post, ['post.*.updated'], false],
  ['nothing', post, [], false],
])('tells who follows %s', (_what, entity, patterns, expected) => {
  expect(follows(entity, ...patterns)).toBe(expected);
});
