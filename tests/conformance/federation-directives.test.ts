import { DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals';
import { apiSchema, type ComposedSupergraph } from '@tributary/planning';
import { Kind, lexicographicSortSchema, parse, print, printSchema } from 'graphql';
import { describe, expect, it } from 'vitest';

import { composeAll, planOf, supergraphOf } from './compose-and-plan.ts';

// What composition makes of each directive, and the query plan that follows from it. Wrong uses have a file of
// their own: federation-directive-errors.test.ts.

const apiOf = (supergraphSdl: string) => printSchema(lexicographicSortSchema(apiSchema(supergraphSdl)));
/** A field as it stands in the supergraph, by its coordinate. */
function fieldOf(supergraphSdl: string, coordinate: string): string {
  const [typeName, fieldName] = coordinate.split('.');
  const types = parse(supergraphSdl).definitions.filter((node) => node.kind === Kind.OBJECT_TYPE_DEFINITION);
  const fields = types.find(({ name }) => name.value === typeName)?.fields;
  const field = fields?.find(({ name }) => name.value === fieldName);
  return field ? print(field) : `${coordinate} is not in the supergraph`;
}

const hintsOf = (schemas: Record<string, string>) =>
  (composeAll(schemas) as ComposedSupergraph).hints.map(({ code }) => code);

describe('@key', () => {
  const users = `
    type User @key(fields: "id") @key(fields: "username") { id: ID! username: String! name: String }
    type Query { me: User }`;

  it('lets each subgraph refer to an entity by the key that it knows', () => {
    const supergraph = supergraphOf({
      users,
      posts: `type Query { post: Post } type Post { author: User }
        type User @key(fields: "username") { username: String! }`,
      comments: `type Query { comment: Comment } type Comment { author: User }
        type User @key(fields: "id") { id: ID! }`,
    });
    expect(planOf(supergraph, '{ post { author { name } } }')).toEqual([
      ['posts {post{author{__typename username}}}'],
      ['users(User username) {...on User{name}}'],
    ]);
    expect(planOf(supergraph, '{ comment { author { name } } }')).toEqual([
      ['comments {comment{author{__typename id}}}'],
      ['users(User id) {...on User{name}}'],
    ]);
  });

  it('goes by way of the subgraph that knows both keys when two others share none', () => {
    const supergraph = supergraphOf({
      users,
      posts: 'type Query { author: User } type User @key(fields: "username") { username: String! }',
      comments: 'type User @key(fields: "id") { id: ID! commentCount: Int }',
    });
    expect(planOf(supergraph, '{ author { commentCount } }')).toEqual([
      ['posts {author{__typename username}}'],
      ['users(User username) {...on User{id}}'],
      ['comments(User id) {...on User{commentCount}}'],
    ]);
  });

  it('takes compound and nested keys', () => {
    const supergraph = supergraphOf({
      catalogue: `type Query { product: Product }
        type Product @key(fields: "sku brand { id }") { sku: String! brand: Brand! } type Brand { id: ID! }`,
      stock: `type Product @key(fields: "sku brand { id }") { sku: String! brand: Brand! inStock: Int }
        type Brand { id: ID! @shareable }`,
    });
    expect(planOf(supergraph, '{ product { inStock } }')).toEqual([
      ['catalogue {product{__typename sku brand{id}}}'],
      ['stock(Product sku brand{id}) {...on Product{inStock}}'],
    ]);
  });

  it('with resolvable: false makes a reference that is never asked for', () => {
    const supergraph = supergraphOf({
      users,
      posts: `type Query { post: Post } type Post { author: User }
        type User @key(fields: "id", resolvable: false) { id: ID! }`,
    });
    expect(planOf(supergraph, '{ me { id } post { author { id } } }')).toEqual([
      ['users {me{id}}', 'posts {post{author{id}}}'],
    ]);
    expect(supergraph).toContain('@join__type(graph: POSTS, key: "id", resolvable: false)');
  });
});

describe('@shareable', () => {
  it('lets a field be answered wherever the request is already', () => {
    const supergraph = supergraphOf({
      a: 'type Query { a: Money } type Money @shareable { amount: Int currency: String }',
      b: 'type Query { b: Money } type Money @shareable { amount: Int currency: String }',
    });
    expect(planOf(supergraph, '{ b { currency } }')).toEqual([['b {b{currency}}']]);
  });
});

describe('@external', () => {
  it('names a field without resolving it: the owner is asked', () => {
    const supergraph = supergraphOf({
      posts: 'type Query { post: Post } type Post @key(fields: "id") { id: ID! content: String }',
      reading: `type Post @key(fields: "id") {
        id: ID! content: String @external readingTime: Int @requires(fields: "content") }`,
    });
    expect(supergraph).toContain('@join__field(graph: READING, external: true)');
    expect(planOf(supergraph, '{ post { content } }')).toEqual([['posts {post{content}}']]);
  });
});

describe('@requires', () => {
  it('fetches what a computed field needs first, and sends it along with the key', () => {
    const supergraph = supergraphOf({
      lists: 'type Query { post: Post } type Post @key(fields: "id") { id: ID! }',
      posts: 'type Post @key(fields: "id") { id: ID! content: String }',
      reading: `type Post @key(fields: "id") {
        id: ID! content: String @external readingTime: Int @requires(fields: "content") }`,
    });
    expect(planOf(supergraph, '{ post { readingTime } }')).toEqual([
      ['lists {post{__typename id}}'],
      ['posts(Post id) {...on Post{content}}'],
      ['reading(Post content id) {...on Post{readingTime}}'],
    ]);
  });
});

describe('@provides', () => {
  const comments = (provides: string) => `
    type Query { comment: Comment } type Comment { author: User ${provides} }
    type User @key(fields: "id") { id: ID! username: String @external }`;
  const users = 'type User @key(fields: "id") { id: ID! username: String @shareable name: String }';
  const supergraph = supergraphOf({ users, comments: comments('@provides(fields: "username")') });

  it('saves the request to the owner', () => {
    expect(planOf(supergraph, '{ comment { author { username } } }')).toEqual([
      ['comments {comment{author{username}}}'],
    ]);
  });

  it('saves nothing for the fields that it does not name', () => {
    expect(planOf(supergraph, '{ comment { author { username name } } }')).toEqual([
      ['comments {comment{author{__typename id username}}}'],
      ['users(User id) {...on User{name}}'],
    ]);
  });
});

describe('@override', () => {
  const from = 'type Query { post: Post } type Post @key(fields: "id") { id: ID! tags: [String!] }';
  const to = (override: string) => `type Post @key(fields: "id") { id: ID! tags: [String!] ${override} }`;
  const old = [['posts {post{tags}}']];
  const moved = [['posts {post{__typename id}}'], ['tags(Post id) {...on Post{tags}}']];

  it('moves a field to another subgraph while both still have it', () => {
    const supergraph = supergraphOf({ posts: from, tags: to('@override(from: "posts")') });
    expect(planOf(supergraph, '{ post { tags } }')).toEqual(moved);
  });

  it('with a label moves it for the requests that the label is true for', () => {
    const supergraph = supergraphOf({
      posts: from,
      tags: to('@override(from: "posts", label: "percent(20)")'),
    });
    expect(planOf(supergraph, '{ post { tags } }', { 'percent(20)': false })).toEqual(old);
    expect(planOf(supergraph, '{ post { tags } }', { 'percent(20)': true })).toEqual(moved);
  });

  it('changes nothing for clients at any step of a move', () => {
    const steps = [
      { posts: from, tags: 'type Post @key(fields: "id") { id: ID! }' },
      { posts: from, tags: to('@override(from: "posts", label: "move-tags")') },
      { posts: from, tags: to('@override(from: "posts")') },
      { posts: from.replace('tags: [String!]', ''), tags: to('') },
    ];
    expect(new Set(steps.map((schemas) => apiOf(supergraphOf(schemas)))).size).toBe(1);
  });

  it('says when a move is under way and what can be removed after it', () => {
    expect(hintsOf({ posts: from, tags: to('@override(from: "posts", label: "move-tags")') })).toEqual([
      'OVERRIDE_MIGRATION_IN_PROGRESS',
    ]);
    expect(hintsOf({ posts: from, tags: to('@override(from: "posts")') })).toEqual([
      'OVERRIDDEN_FIELD_CAN_BE_REMOVED',
    ]);
  });
});

describe('@inaccessible', () => {
  const supergraph = supergraphOf({
    users: `type Query { me: User internalUsers: [User!] @inaccessible }
      type User @key(fields: "internalId") { internalId: ID! @inaccessible name: String role: Role }
      enum Role { USER ROBOT @inaccessible }
      type Secret @inaccessible { a: Int }`,
    posts: 'type User @key(fields: "internalId") { internalId: ID! @inaccessible postCount: Int }',
  });

  it('hides fields, types and enum values from clients', () => {
    expect(apiOf(supergraph)).toBe(
      `type Query {
  me: User
}

enum Role {
  USER
}

type User {
  name: String
  postCount: Int
  role: Role
}`,
    );
  });

  it('leaves them for the gateway to join by', () => {
    expect(planOf(supergraph, '{ me { postCount } }')).toEqual([
      ['users {me{__typename internalId}}'],
      ['posts(User internalId) {...on User{postCount}}'],
    ]);
  });

  it('refuses an operation that asks for them', () => {
    expect(() => planOf(supergraph, '{ me { internalId } }')).toThrow(
      'Cannot query field "internalId" on type "User"',
    );
  });
});

describe('@tag', () => {
  it('keeps the tags of all subgraphs, for tools to filter by', () => {
    const supergraph = supergraphOf({
      a: 'type Query { a: Int @shareable @tag(name: "public") }',
      b: 'type Query { a: Int @shareable @tag(name: "team-b") }',
    });
    expect(fieldOf(supergraph, 'Query.a')).toBe('a: Int @tag(name: "public") @tag(name: "team-b")');
    expect(apiOf(supergraph)).not.toContain('@tag');
  });
});

describe('@interfaceObject', () => {
  const supergraph = supergraphOf({
    media: `type Query { media: Media }
      interface Media @key(fields: "id") { id: ID! }
      type Film implements Media @key(fields: "id") { id: ID! minutes: Int }
      type Book implements Media @key(fields: "id") { id: ID! pages: Int }`,
    reviews: `type Query { reviewed: Media }
      type Media @interfaceObject @key(fields: "id") { id: ID! rating: Int }`,
  });

  it('adds a field to every implementation, also of types that its subgraph never heard of', () => {
    expect(apiOf(supergraph)).toContain(
      'type Film implements Media {\n  id: ID!\n  minutes: Int\n  rating: Int\n}',
    );
    expect(planOf(supergraph, '{ media { rating } }')).toEqual([
      ['media {media{__typename id}}'],
      ['reviews(Media id) {...on Media{rating}}'],
    ]);
  });

  it('asks the owner of the interface which type it really is', () => {
    expect(planOf(supergraph, '{ reviewed { ... on Film { minutes } } }')).toEqual([
      ['reviews {reviewed{__typename id}}'],
      ['media(Media id) {...on Media{__typename ...on Film{minutes}}}'],
    ]);
  });
});

describe('@composeDirective', () => {
  const schema = (application: string) => `
    extend schema @link(url: "https://specs.tributary.test/ownership/v1.0", import: ["@ownedBy"])
      @composeDirective(name: "@ownedBy")
    directive @ownedBy(service: String!, cost: Int = 1) on FIELD_DEFINITION
    ${application}`;

  it('carries a directive of our own into the supergraph, and never to clients', () => {
    const supergraph = supergraphOf({
      a: schema('type Query { a: Int @ownedBy(service: "a", cost: 3) }'),
      b: 'type Query { b: Int }',
    });
    expect(supergraph).toContain('@link(url: "https://specs.tributary.test/ownership/v1.0"');
    expect(fieldOf(supergraph, 'Query.a')).toBe(
      'a: Int @join__field(graph: A) @ownedBy(service: "a", cost: 3)',
    );
    expect(apiOf(supergraph)).not.toContain('@ownedBy');
  });

  it('is needed: without it composition drops the directive', () => {
    const supergraph = supergraphOf({
      a: 'directive @mine on FIELD_DEFINITION  type Query { a: Int @mine }',
    });
    expect(supergraph).not.toContain('@mine');
  });
});

describe('@authenticated', () => {
  it('holds for all when one subgraph asks for it', () => {
    const supergraph = supergraphOf({
      a: 'type Query { a: Int @shareable @authenticated }',
      b: 'type Query { a: Int @shareable }',
    });
    expect(supergraph).toContain('@link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)');
    expect(fieldOf(supergraph, 'Query.a')).toBe('a: Int @authenticated');
  });
});

describe('@requiresScopes', () => {
  it('asks for the scopes of every subgraph together', () => {
    const supergraph = supergraphOf({
      a: 'type Query { a: Int @shareable @requiresScopes(scopes: [["posts:read"], ["admin"]]) }',
      b: 'type Query { a: Int @shareable @requiresScopes(scopes: [["posts:list"]]) }',
    });
    expect(supergraph).toContain('@link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)');
    expect(fieldOf(supergraph, 'Query.a')).toBe(
      'a: Int @requiresScopes(scopes: [["admin", "posts:list"], ["posts:list", "posts:read"]])',
    );
  });
});

describe('@policy', () => {
  it('asks for the policies of every subgraph together', () => {
    const supergraph = supergraphOf({
      a: 'type Query { a: Int @shareable @policy(policies: [["paid"]]) }',
      b: 'type Query { a: Int @shareable @policy(policies: [["adult"]]) }',
    });
    expect(fieldOf(supergraph, 'Query.a')).toBe('a: Int @policy(policies: [["adult", "paid"]])');
  });
});

describe('@context and @fromContext', () => {
  const supergraph = supergraphOf({
    posts: `type Query { post: Post }
      type Post @key(fields: "id") @context(name: "post") { id: ID! language: String! excerpt: Excerpt }
      type Excerpt @key(fields: "id") {
        id: ID!
        text(maximum: Int, language: String @fromContext(field: "$post { language }")): String
      }`,
  });

  it('takes an argument from an ancestor: clients never see it', () => {
    expect(apiOf(supergraph)).toContain('text(maximum: Int): String');
  });

  it('fetches the ancestor first and passes its value on as a variable', () => {
    const steps = planOf(supergraph, '{ post { excerpt { text(maximum: 10) } } }');
    expect(steps).toEqual([
      ['posts {post{__typename language excerpt{__typename id}}}'],
      ['posts(Excerpt id) {...on Excerpt{text(maximum:10 language:$contextualArgument_1_0)}}'],
    ]);
  });
});

describe('@cost', () => {
  it('takes the highest weight that a subgraph names', () => {
    const supergraph = supergraphOf({
      a: 'type Query { a: Int @shareable @cost(weight: 3) }',
      b: 'type Query { a: Int @shareable @cost(weight: 7) }',
    });
    expect(fieldOf(supergraph, 'Query.a')).toBe('a: Int @cost(weight: 7)');
  });
});

describe('@listSize', () => {
  it('keeps what is known of the length of a list, the larger one of two', () => {
    const supergraph = supergraphOf({
      a: 'type Query { a(first: Int): [Int] @shareable @listSize(assumedSize: 3, slicingArguments: ["first"]) }',
      b: 'type Query { a(first: Int): [Int] @shareable @listSize(assumedSize: 9) }',
    });
    expect(fieldOf(supergraph, 'Query.a')).toBe(
      'a(first: Int): [Int] @listSize(assumedSize: 9, slicingArguments: ["first"], requireOneSlicingArgument: true)',
    );
  });
});

describe('@deprecated', () => {
  it('reaches clients with its reason, also when only one subgraph says so', () => {
    const supergraph = supergraphOf({
      a: 'type Query { a: Int @shareable @deprecated(reason: "Use b instead") b(old: Int @deprecated): Int }',
      b: 'type Query { a: Int @shareable }',
    });
    expect(apiOf(supergraph)).toBe(
      'type Query {\n  a: Int @deprecated(reason: "Use b instead")\n  b(old: Int @deprecated): Int\n}',
    );
  });
});

describe('the stock gateway', () => {
  const loads = (schemas: Record<string, string>) =>
    Supergraph.build(supergraphOf(schemas), { supportedFeatures: DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES });

  it.each([
    ['authenticated', 'type Query { a: Int @authenticated }'],
    ['requiresScopes', 'type Query { a: Int @requiresScopes(scopes: [["a"]]) }'],
    ['policy', 'type Query { a: Int @policy(policies: [["a"]]) }'],
    [
      'context',
      `type Query { t: T } type T @context(name: "t") { n: Int u: U }
        type U @key(fields: "id") { id: ID! x(n: Int @fromContext(field: "$t { n }")): Int }`,
    ],
  ])('refuses a supergraph with @%s: it must be given a copy without', (feature, sdl) => {
    expect(() => loads({ a: sdl })).toThrow(`https://specs.apollo.dev/${feature}/v0.1`);
  });

  it.each([
    ['@cost', 'type Query { a: Int @cost(weight: 3) }'],
    ['@listSize', 'type Query { a: [Int] @listSize(assumedSize: 3) }'],
    ['@tag', 'type Query { a: Int @tag(name: "x") }'],
    ['@inaccessible', 'type Query { a: Int b: Int @inaccessible }'],
    ['@deprecated', 'type Query { a: Int @deprecated }'],
  ])('loads a supergraph with %s', (_, sdl) => {
    expect(() => loads({ a: sdl })).not.toThrow();
  });
});
