import { compose as publishedCompose } from '@apollo/composition';
import { subgraphsFromServiceList } from '@apollo/federation-internals';
import { parse } from 'graphql';
import { expect, it } from 'vitest';

import { compose } from './corrected-composer.ts';

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@provides", "@shareable"])';

const schemas = {
  lists: `
    type Query { post: Post posts: [Post] @provides(fields: "title") }
    type Post @key(fields: "id") { id: ID! title: String @external }`,
  posts: 'type Post @key(fields: "id", resolvable: false) { id: ID! title: String @shareable }',
};

const codesBy = (composeAll: typeof compose): unknown[] | undefined => {
  const subgraphs = subgraphsFromServiceList(
    Object.entries(schemas).map(([name, sdl]) => ({
      name,
      url: `http://${name}.test/graphql`,
      typeDefs: parse(`${link} ${sdl}`),
    })),
  );
  if (Array.isArray(subgraphs)) throw new Error(`Expected valid subgraphs, but got ${subgraphs.join()}`);
  return composeAll(subgraphs).errors?.map(({ extensions }) => extensions['code']);
};

it('composes nothing that can only be asked for where it is provided, in whatever order it is found', () => {
  expect(codesBy(compose)).toEqual(['SATISFIABILITY_ERROR']);
  // Once this fails the correction can go.
  expect(codesBy(publishedCompose)).toBeUndefined();
});
