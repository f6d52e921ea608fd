import { describe, expect, it } from 'vitest';

import { ownedPaths } from './owned-paths.ts';

const entities = (selection: string) =>
  `query ($representations: [_Any!]!) { _entities(representations: $representations) { ${selection} } }`;
const post = { __typename: 'Post', id: '1' };
const user = { __typename: 'User', id: '1' };

describe('ownedPaths', () => {
  it('names the fields of a fetch by what the client calls them', () => {
    expect(
      ownedPaths('{ __typename a: posts { id } me { id } ...More } fragment More on Query { b }'),
    ).toEqual([['a'], ['me'], ['b']]);
  });

  it('names the fields of every entity, of its own type only', () => {
    const query = entities('__typename ... on Post { comments { id } } ... on User { name email }');
    expect(ownedPaths(query, [post, user])).toEqual([
      ['_entities', 0, 'comments'],
      ['_entities', 1, 'name'],
      ['_entities', 1, 'email'],
    ]);
  });

  it('names each field once', () => {
    const query = entities('... on Post { comments { id } } ... on Post { comments { body } }');
    expect(ownedPaths(query, [post])).toEqual([['_entities', 0, 'comments']]);
  });

  it('names all fields where an interface keeps it from telling', () => {
    expect(ownedPaths(entities('... on Node { name }'), [user])).toEqual([['_entities', 0, 'name']]);
  });
});
