import { parse } from 'graphql';
import { expect, it } from 'vitest';

import { linkedSubgraphs } from './linked-subgraphs.ts';

const supergraph = (record: string) =>
  parse(`
    schema ${record} { query: Query }
    enum join__Graph {
      USERS @join__graph(name: "users", url: "http://users.test/")
      OLD_POSTS @join__graph(name: "old-posts", url: "http://posts.test/")
      COMMENTS @join__graph(name: "comments", url: "http://comments.test/")
    }
    type Query { a: Int }
  `);

it('names the subgraphs that the record names, as they call themselves', () => {
  const record =
    '@join__directive(graphs: [USERS, OLD_POSTS], name: "link", args: { url: "https://specs.tributary.dev/tributary/v1.0" })';
  expect([...linkedSubgraphs(supergraph(record))]).toEqual(['users', 'old-posts']);
});

it('takes a newer minor version, which can only add directives', () => {
  const record =
    '@join__directive(graphs: [USERS], name: "link", args: { url: "https://specs.tributary.dev/tributary/v1.7" })';
  expect([...linkedSubgraphs(supergraph(record))]).toEqual(['users']);
});

it.each([
  ['no record', ''],
  ['another major version', link('https://specs.tributary.dev/tributary/v2.0')],
  ['no version', link('https://specs.tributary.dev/tributary')],
  ['another specification', link('https://specs.example.org/tributary/v1.0')],
  ['no URL', '@join__directive(graphs: [USERS], name: "link")'],
  ['another directive', link('https://specs.tributary.dev/tributary/v1.0').replace('"link"', '"key"')],
])('names none where there is %s', (_title, record) => {
  expect(linkedSubgraphs(supergraph(record)).size).toBe(0);
});

function link(url: string): string {
  return `@join__directive(graphs: [USERS], name: "link", args: { url: "${url}" })`;
}
