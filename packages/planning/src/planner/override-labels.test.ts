import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';

import { composeSupergraph } from '../compose-supergraph.ts';
import { expectSupergraph } from '../composition-error.ts';
import { overrideLabelsOf } from './override-labels.ts';

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.11",
  import: ["@key", "@external", "@requires", "@override", "@shareable"])`;
const labelsOf = (schemas: Readonly<Record<string, string>>) => {
  const subgraphs = Object.entries(schemas).map(([name, sdl]) => ({
    name,
    url: `http://${name}.test`,
    sdl: `${link}\n${sdl}`,
  }));
  const find = overrideLabelsOf(parse(expectSupergraph(composeSupergraph(subgraphs)).supergraphSdl));
  return (operation: string) => find(parse(operation));
};

describe('overrideLabelsOf', () => {
  const labels = labelsOf({
    posts: `type Query { post: Post author: Author node: Node }
      interface Node { id: ID! content: String }
      type Post implements Node @key(fields: "id") { id: ID! tags: [String] content: String title: String }
      type Author @key(fields: "id") { id: ID! posts: [Post] }`,
    tags: 'type Post @key(fields: "id") { id: ID! tags: [String] @override(from: "posts", label: "percent(20)") }',
    texts:
      'type Post @key(fields: "id") { id: ID! content: String @override(from: "posts", label: "texts") }',
    people:
      'type Author @key(fields: "id") { id: ID! name: String @shareable age: Int @override(from: "posts", label: "age") }',
  });

  it('names the labels of the fields that an operation asks for', () => {
    expect(labels('{ post { tags } }')).toEqual(['percent(20)']);
    expect(labels('{ post { title } }')).toEqual([]);
    expect(labels('{ author { posts { tags content } } }')).toEqual(['percent(20)', 'texts']);
  });

  it('follows fragments, named or not', () => {
    expect(labels('{ node { ... on Post { tags } } }')).toEqual(['percent(20)']);
    expect(labels('{ node { ...F } } fragment F on Post { tags }')).toEqual(['percent(20)']);
  });

  it('adds those of what is required', () => {
    const required = overrideLabelsOf(
      parse(`
        enum join__Graph { A B C }
        schema { query: Query }
        type Query { post: Post }
        type Post @join__type(graph: A, key: "id") {
          id: ID!
          content: String @join__field(graph: A) @join__field(graph: B, override: "a", overrideLabel: "texts")
          minutes: Int @join__field(graph: C, requires: "content")
        }`),
    );
    expect(required(parse('{ post { minutes } }'))).toEqual(['texts']);
  });

  it('names none when the supergraph has none', () => {
    expect(labelsOf({ a: 'type Query { a: Int }' })('{ a }')).toEqual([]);
  });

  it('takes into account what may stand behind an interface', () => {
    expect(labels('{ node { content } }')).toEqual(['texts']);
  });
});
