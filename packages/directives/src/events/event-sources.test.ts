import { parse } from 'graphql';
import { expect, it } from 'vitest';

import { eventSourcesOf } from './event-sources.ts';

const link = '@link(url: "https://specs.tributary.dev/tributary/v1.1", import: ["@personal", "@event"])';
const supergraph = (
  subscription: string,
  schema = `schema ${link} { query: Query subscription: Subscription }`,
) =>
  parse(`
    ${schema}
    enum join__Graph {
      OLD_POSTS @join__graph(name: "old-posts", url: "http://posts.test/")
      COMMENTS @join__graph(name: "comments", url: "http://comments.test/")
    }
    type Query { a: Int }
    ${subscription}
  `);

const described = (document: ReturnType<typeof supergraph>) =>
  [...eventSourcesOf(document).values()].map(({ field, subgraph, channels }) => ({
    field,
    subgraph,
    channels: channels.map(({ template, filter }) => [template.text, filter?.text]),
  }));

it('names the subgraph, the channels and the filters of each field', () => {
  const document = supergraph(`
    type Subscription @join__type(graph: OLD_POSTS) @join__type(graph: COMMENTS) {
      ticks: Int @join__field(graph: OLD_POSTS)
      postUpdated(postId: ID!): Int @join__field(graph: OLD_POSTS)
        @event(channel: "post.{args.postId}.updated") @event(channel: "post.{args.postId}.deleted", filter: null)
      commentAdded: Int @join__field(graph: OLD_POSTS, usedOverridden: true) @join__field(graph: COMMENTS)
        @event(channel: "comment.*.added", filter: "event.data.isPublic == true")
    }`);
  expect(described(document)).toEqual([
    {
      field: 'postUpdated',
      subgraph: 'old-posts',
      channels: [
        ['post.{args.postId}.updated', undefined],
        ['post.{args.postId}.deleted', undefined],
      ],
    },
    {
      field: 'commentAdded',
      subgraph: 'comments',
      channels: [['comment.*.added', 'event.data.isPublic == true']],
    },
  ]);
});

it('reads the subgraph off the type where it is the only one’s', () => {
  const document = supergraph(
    'type Subscription @join__type(graph: COMMENTS) { commentAdded: Int @event(channel: "a") }',
  );
  expect(described(document)).toMatchObject([{ field: 'commentAdded', subgraph: 'comments' }]);
});

it('follows a directive by another name, and takes no other’s for ours', () => {
  const renamed = link.replace('"@event"', '{ name: "@event", as: "@source" }');
  const document = supergraph(
    'type Subscription @join__type(graph: COMMENTS) { a: Int @event(channel: "a") b: Int @source(channel: "b") }',
    `schema ${renamed} { query: Query subscription: Subscription }`,
  );
  expect(described(document).map(({ field }) => field)).toEqual(['b']);
});

it('finds none in a supergraph without our specification', () => {
  expect(
    described(supergraph('type Subscription { a: Int @event(channel: "a") }', 'schema { query: Query }')),
  ).toEqual([]);
});
