import { buildSchema, graphql, type GraphQLResolveInfo } from 'graphql';
import { expect, it } from 'vitest';

import { requestedFields } from './requested-fields.ts';

const schema = buildSchema(`
  type Author { id: ID name: String }
  interface Node { id: ID }
  type Post implements Node { id: ID title: String content: String author: Author }
  type Edge { node: Post cursor: String }
  type Connection { edges: [Edge] total: Int }
  type Query { posts: Connection }`);

/** The fields that an operation asks of `posts`, at a path. */
async function fieldsOf(
  source: string,
  path?: readonly string[],
  variableValues: Record<string, unknown> = {},
): Promise<string[]> {
  const seen: string[] = [];
  const rootValue = {
    posts: (_args: object, _context: unknown, info: GraphQLResolveInfo) => {
      seen.push(...requestedFields(info, path));
      return null;
    },
  };
  const { errors } = await graphql({ schema, source, rootValue, variableValues });
  expect(errors).toBeUndefined();
  return seen.toSorted();
}

const node = ['edges', 'node'];

it('names the fields of the value itself', async () => {
  expect(await fieldsOf('{ posts { total edges { cursor } } }')).toEqual(['edges', 'total']);
});

it('names the fields at a path', async () => {
  expect(await fieldsOf('{ posts { edges { cursor node { id author { name } } } } }', node)).toEqual([
    'author',
    'id',
  ]);
  expect(await fieldsOf('{ posts { edges { node { author { name } } } } }', [...node, 'author'])).toEqual([
    'name',
  ]);
});

it('names nothing at a path that nobody asked for', async () => {
  expect(await fieldsOf('{ posts { total } }', node)).toEqual([]);
});

it('reads a field by its name, not by its alias', async () => {
  const source = '{ posts { all: edges { it: node { headline: title } } } }';
  expect(await fieldsOf(source, node)).toEqual(['title']);
});

it('joins what several selections ask for', async () => {
  const source =
    '{ posts { edges { node { id } } } posts { edges { node { title } } more: edges { node { content } } } }';
  expect(await fieldsOf(source, node)).toEqual(['content', 'id', 'title']);
});

it('looks into fragments, of whatever type and depth', async () => {
  const source = `
    { posts { ...Page } }
    fragment Page on Connection { edges { node { ... on Node { id } ...Body ... { title } } } }
    fragment Body on Post { content }`;
  expect(await fieldsOf(source, node)).toEqual(['content', 'id', 'title']);
});

const conditional = `
  query ($yes: Boolean!, $no: Boolean = false) {
    posts {
      edges {
        node {
          id @include(if: $yes)
          title @skip(if: $yes)
          content @include(if: $no)
          ... @include(if: $yes) { author { name @skip(if: true) id } }
          ...Rest @skip(if: $yes)
        }
      }
    }
  }
  fragment Rest on Post { content }`;

it.each([
  [true, ['author', 'id']],
  [false, ['content', 'title']],
])('leaves out what @skip and @include leave out, $yes being %s', async (yes, expected) => {
  expect(await fieldsOf(conditional, node, { yes })).toEqual(expected);
});

it('leaves out what constants leave out', async () => {
  expect(await fieldsOf(conditional, [...node, 'author'], { yes: true })).toEqual(['id']);
});
