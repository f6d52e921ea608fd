import { createPlanBuilder } from '@tributary/planning/plan-builder';
import { describe, expect, it } from 'vitest';

import { correctedPlanOf, planOf, supergraphOf } from './compose-and-plan.ts';

// Where @apollo/query-planner plans wrongly, and what the gateway gets in its place (docs/decisions/0014). Each case
// shows the planner's own plan as well: once that is right, the correction can go.

/** Posts with comments, a field with arguments, of which another subgraph computes what it answers. */
const posts = `
  type Query { post: Post posts: [Post] }
  type Post @key(fields: "id") { id: ID! title: String comments(limit: Int): [Comment] author: Author }
  type Comment @shareable { text: String likes(since: Int): Int }
  type Author @key(fields: "id") { id: ID! name(style: Style): String }
  enum Style { SHORT LONG }`;

const external = {
  title: 'title: String @external',
  comments: 'comments(limit: Int): [Comment] @external',
  author: 'author: Author @external',
};
const comment = 'type Comment @shareable { text: String likes(since: Int): Int }';
const author = `enum Style { SHORT LONG }
  type Author @key(fields: "id") { id: ID! name(style: Style): String @external }`;

/** The posts, and a subgraph that computes fields from some of theirs. */
const computing = (required: readonly (keyof typeof external)[], fields: string) => ({
  posts,
  reading: `
    type Post @key(fields: "id") { id: ID! plain: Int ${required.map((name) => external[name]).join(' ')} ${fields} }
    ${required.includes('comments') ? comment : ''} ${required.includes('author') ? author : ''}`,
});

describe('arguments in @requires', () => {
  const supergraph = supergraphOf(
    computing(
      ['comments'],
      `
      minutes: Int @requires(fields: "comments(limit: 3) { text likes(since: 5) }")
      mood(of: Int): String @requires(fields: "comments(limit: 4) { text }")
      all: Int @requires(fields: "comments { text }")`,
    ),
  );

  it('do not become the arguments of the client’s field', () => {
    const query = '{ post { minutes comments(limit: 1) { text } } }';
    expect(planOf(supergraph, query)[0]).toEqual([
      'posts {post{__typename id comments(limit:3){text likes(since:5)}}}',
    ]);
    expect(correctedPlanOf(supergraph, query)).toEqual([
      [
        'posts {post{__typename id comments__r1:comments(limit:3){text likes__r1:likes(since:5)}comments(limit:1){text}}}',
      ],
      [
        'reading(Post id comments__r1{text likes__r1} comments__r1.likes__r1→likes comments__r1→comments) {...on Post{minutes}}',
      ],
    ]);
  });

  it.each([
    [
      'with a variable',
      'query($n: Int) { post { minutes comments(limit: $n) { text } } }',
      'comments(limit:$n){text}',
    ],
    [
      'under a private alias',
      '{ post { minutes comments__1: comments(limit: 1) { text } } }',
      'comments__1:comments(limit:1){text}',
    ],
    [
      'in a fragment',
      '{ post { minutes ...F } } fragment F on Post { comments(limit: 1) { text } }',
      'comments(limit:1){text}',
    ],
    ['without arguments', '{ post { minutes comments { text } } }', 'comments{text}'],
  ])('stand beside the client’s own field %s', (_, query, own) => {
    const [[first]] = correctedPlanOf(supergraph, query) as [[string]];
    expect(first).toContain(own);
    expect(first).toContain('comments__r1:comments(limit:3){text likes__r1:likes(since:5)}');
  });

  it('split a fetch when two fields require one field with different ones', () => {
    const query = 'query($n: Int) { post { plain minutes mood(of: $n) all } }';
    expect(planOf(supergraph, query)[0]).toEqual([
      'posts {post{__typename id comments{text likes(since:5)}}}',
    ]);
    expect(correctedPlanOf(supergraph, query)[1]).toEqual([
      'reading(Post id comments__r1{text likes__r1} comments__r1.likes__r1→likes comments__r1→comments) {...on Post{plain minutes}}',
      'reading(Post id comments__r2{text} comments__r2→comments) {...on Post{mood(of:$n)}}',
      'reading(Post id comments{text}) {...on Post{all}}',
    ]);
  });

  it('leave each part of a split fetch with the variables that it uses', () => {
    const plan = createPlanBuilder(supergraph)({
      document: 'query($n: Int) { post { minutes mood(of: $n) } }',
      overrideLabels: [],
    });
    expect(JSON.stringify(plan)).toContain('query($representations:[_Any!]!){_entities');
    expect(JSON.stringify(plan)).toContain('query($representations:[_Any!]!$n:Int){_entities');
  });

  it('are kept apart further down, in a list', () => {
    const deep = supergraphOf(
      computing(
        ['author'],
        `
        short: Int @requires(fields: "author { name(style: SHORT) }")
        long: Int @requires(fields: "author { name(style: LONG) }")`,
      ),
    );
    expect(correctedPlanOf(deep, '{ posts { short long author { name } } }')).toEqual([
      ['posts {posts{__typename id author{name__r2:name(style:LONG)name__r1:name(style:SHORT)name}}}'],
      [
        'reading(Post id author{name__r1} author.name__r1→name) {...on Post{short}}',
        'reading(Post id author{name__r2} author.name__r2→name) {...on Post{long}}',
      ],
    ]);
  });

  it('are kept apart when a required field itself requires something', () => {
    const chain = supergraphOf({
      ...computing(
        ['comments'],
        'minutes(fast: Boolean): Int @requires(fields: "comments(limit: 3) { text }")',
      ),
      badges: `type Post @key(fields: "id") {
        id: ID! minutes(fast: Boolean): Int @external comments(limit: Int): [Comment] @external
        badge: String @requires(fields: "minutes(fast: true) comments(limit: 2) { text }") }
        type Comment @shareable { text: String }`,
    });
    expect(
      correctedPlanOf(chain, '{ post { badge minutes(fast: false) comments(limit: 9) { text } } }'),
    ).toEqual([
      [
        'posts {post{__typename id comments__r2:comments(limit:2){text}comments__r1:comments(limit:3){text}comments(limit:9){text}}}',
      ],
      [
        'reading(Post id comments__r1{text} comments__r1→comments) {...on Post{minutes(fast:false)minutes__r1:minutes(fast:true)}}',
      ],
      [
        'badges(Post minutes__r1 comments__r2{text} id minutes__r1→minutes comments__r2→comments) {...on Post{badge}}',
      ],
    ]);
  });

  it('go through interfaces and interface objects', () => {
    const media = supergraphOf({
      media: `type Query { media: [Media] film: Film }
        interface Media @key(fields: "id") { id: ID! size(unit: String): Int }
        type Film implements Media @key(fields: "id") { id: ID! size(unit: String): Int }
        type Book implements Media @key(fields: "id") { id: ID! size(unit: String): Int }`,
      parcels: `type Media @interfaceObject @key(fields: "id") {
        id: ID! size(unit: String): Int @external
        weight: Int @requires(fields: "size(unit: \\"kg\\")") pounds: Int @requires(fields: "size(unit: \\"lb\\")") }`,
    });
    expect(correctedPlanOf(media, '{ media { weight pounds ... on Film { size } } }')).toEqual([
      ['media {media{__typename id size__r2:size(unit:"lb")size__r1:size(unit:"kg")...on Film{size}}}'],
      [
        'parcels(Media id size__r1 size__r1→size) {...on Media{weight}}',
        'parcels(Media id size__r2 size__r2→size) {...on Media{pounds}}',
      ],
    ]);
    expect(correctedPlanOf(media, '{ film { weight size } }')[0]).toEqual([
      'media {film{__typename id size__r1:size(unit:"kg")size}}',
    ]);
  });

  it('take names that no field has', () => {
    const taken = supergraphOf({
      posts: posts.replace('title: String', 'title: String comments__r1: Int'),
      reading: computing(['comments'], 'minutes: Int @requires(fields: "comments(limit: 3) { text }")')
        .reading,
    });
    expect(correctedPlanOf(taken, '{ post { minutes comments__r1 } }')[0]).toEqual([
      'posts {post{__typename id comments__r2:comments(limit:3){text}comments__r1}}',
    ]);
  });
});

describe('arguments in @fromContext', () => {
  it('do not become the arguments of the client’s field', () => {
    const supergraph = supergraphOf({
      posts: `type Query { post: Post }
        type Post @key(fields: "id") @context(name: "post") { id: ID! language(code: Int): String! excerpt: Excerpt }
        type Excerpt @key(fields: "id") {
          id: ID! text(maximum: Int, language: String @fromContext(field: "$post { language(code: 1) }")): String }`,
    });
    const query = '{ post { language(code: 2) excerpt { text(maximum: 3) } } }';
    expect(planOf(supergraph, query)[0]).toEqual([
      'posts {post{__typename language(code:1)excerpt{__typename id}}}',
    ]);
    const plan = createPlanBuilder(supergraph)({ document: query, overrideLabels: [] });
    expect(JSON.stringify(plan)).toContain('language__r1:language(code:1)language(code:2)excerpt');
    expect(JSON.stringify(plan)).toContain('"path":["..","... on Post","language__r1"]');
  });
});

describe('objects in @requires', () => {
  const supergraph = supergraphOf({
    posts: posts.replace('name(style: Style): String', 'name: String email: String! age: Int'),
    reading: `
      type Post @key(fields: "id") {
        id: ID! author: Author @external
        byline: String @requires(fields: "author { name }") mood: String @requires(fields: "author { name }")
      }
      type Author @key(fields: "id", resolvable: false) { id: ID! name: String @external }`,
  });

  it('stand beside the client’s own, which may be null for a field that must not be', () => {
    const query = '{ post { byline mood author { email age } } }';
    expect(planOf(supergraph, query)).toEqual([
      ['posts {post{__typename id author{name email age}}}'],
      ['reading(Post id author{name}) {...on Post{byline mood}}'],
    ]);
    expect(correctedPlanOf(supergraph, query)).toEqual([
      ['posts {post{__typename id author__r1:author{name}author{email age}}}'],
      ['reading(Post id author__r1{name} author__r1→author) {...on Post{byline mood}}'],
    ]);
  });

  it('stand beside one another', () => {
    const differing = supergraphOf({
      posts: posts.replace('name(style: Style): String', 'name: String! email: String!'),
      reading: `
        type Post @key(fields: "id") {
          id: ID! author: Author @external
          byline: String @requires(fields: "author { name }") contact: String @requires(fields: "author { email }")
        }
        type Author @key(fields: "id", resolvable: false) { id: ID! name: String! @external email: String! @external }`,
    });
    expect(correctedPlanOf(differing, '{ post { byline contact } }')).toEqual([
      ['posts {post{__typename id author__r2:author{email}author__r1:author{name}}}'],
      [
        'reading(Post id author__r1{name} author__r1→author) {...on Post{byline}}',
        'reading(Post id author__r2{email} author__r2→author) {...on Post{contact}}',
      ],
    ]);
  });

  it('are the client’s own where that cannot be', () => {
    expect(correctedPlanOf(supergraph, '{ post { byline author { id age } } }')[0]).toEqual([
      'posts {post{__typename id author{name id age}}}',
    ]);
  });
});

describe('conditions on a field with @requires', () => {
  const supergraph = supergraphOf(
    computing(
      ['title', 'author'],
      `
      slug: String @requires(fields: "title") other: String @requires(fields: "title")
      mood: String @requires(fields: "author { name }")`,
    ),
  );

  it('leave its neighbours alone', () => {
    const query = 'query($on: Boolean!) { post { slug @include(if: $on) plain } }';
    expect(planOf(supergraph, query)[1]).toEqual([
      'reading(Post id title) {...on Post{slug@include(if:$on)plain}}',
    ]);
    expect(correctedPlanOf(supergraph, query)[1]).toEqual([
      'reading(Post id) {...on Post{plain}}',
      'reading(Post id title) {...on Post{slug@include(if:$on)}}',
    ]);
  });

  it('leave one another alone', () => {
    const query =
      'query($on: Boolean!) { post { ... on Post @include(if: $on) { slug } mood @skip(if: $on) } }';
    expect(correctedPlanOf(supergraph, query)[1]).toEqual([
      'reading(Post id author{name}) {...on Post{mood@skip(if:$on)}}',
      'reading(Post id title) {...on Post@include(if:$on){slug}}',
    ]);
  });

  it('do not matter when a neighbour requires the same', () => {
    const query = 'query($on: Boolean!) { post { slug @include(if: $on) other plain } }';
    expect(correctedPlanOf(supergraph, query)[1]).toHaveLength(1);
  });
});

describe('a key that is not resolvable', () => {
  it('is not the one by which a subgraph is entered again for @requires', () => {
    const supergraph = supergraphOf({
      lists: 'type Query { post: Post } type Post @key(fields: "id") { id: ID! slug: String @shareable }',
      posts: 'type Post @key(fields: "id") { id: ID! content: String }',
      reading: `type Post @key(fields: "slug", resolvable: false) @key(fields: "id") {
        id: ID! slug: String @shareable content: String @external minutes: Int @requires(fields: "content") }`,
    });
    expect(planOf(supergraph, '{ post { minutes } }')[2]).toEqual([
      'reading(Post content slug) {...on Post{minutes}}',
    ]);
    expect(correctedPlanOf(supergraph, '{ post { minutes } }')[2]).toEqual([
      'reading(Post content id) {...on Post{minutes}}',
    ]);
  });
});

describe('an interface without any implementation', () => {
  const supergraph = supergraphOf({
    media: 'type Query { media: Media } interface Media @key(fields: "id") { id: ID! }',
    reviews:
      'type Query { reviewed: Media } type Media @interfaceObject @key(fields: "id") { id: ID! rating: Int }',
  });

  it('is fetched all the same: its subgraph answers null, or says why it cannot', () => {
    expect(planOf(supergraph, '{ media { rating } }')).toEqual([]);
    expect(correctedPlanOf(supergraph, '{ media { rating } }')).toEqual([['media {media{__typename}}']]);
    expect(correctedPlanOf(supergraph, '{ media { rating } reviewed { rating } }')).toEqual([
      ['media {media{__typename}}', 'reviews {reviewed{rating}}'],
    ]);
  });

  it('has no type to name where it is an interface object: there is no plan', () => {
    expect(() => correctedPlanOf(supergraph, '{ reviewed { __typename rating } }')).toThrow(
      'The operation cannot be planned: Subgraph media has no entities defined',
    );
  });
});

describe('a fragment that no object can match', () => {
  it('does not keep the rest from being planned', () => {
    const supergraph = supergraphOf({
      media: `interface Media @key(fields: "id") { id: ID! } union Watchable = Film | Show
        type Film implements Media @key(fields: "id") { id: ID! } type Show { name: String }
        type Query { watchable: Watchable }`,
      reviews: 'type Query { reviewed: Media } type Media @interfaceObject @key(fields: "id") { id: ID! }',
    });
    const query = '{ reviewed { ... on Watchable { ... on Show { name } } } }';
    expect(() => planOf(supergraph, query)).toThrow(
      'We should have an edge from Media(reviews) for __typename',
    );
    expect(correctedPlanOf(supergraph, query)).toEqual([
      ['reviews {reviewed{__typename id}}'],
      ['media(Media id) {...on Media{__typename}}'],
    ]);
  });

  it('is left alone in an interface without any implementation', () => {
    const supergraph = supergraphOf({
      media: 'type Query { media: Media } interface Media @key(fields: "id") { id: ID! }',
      reviews:
        'type Query { reviewed: Media } type Media @interfaceObject @key(fields: "id") { id: ID! rating: Int }',
    });
    expect(correctedPlanOf(supergraph, '{ reviewed { ... on Media { rating } } }')).toEqual([
      ['reviews {reviewed{rating}}'],
    ]);
  });
});
