import { describe, expect, it } from 'vitest';

import { lintRules, lintSchema } from './lint-schema.ts';

/** What one rule finds, as `coordinate: message`. */
const findings = (rule: string, sdl: string) =>
  lintSchema(sdl)
    .filter((row) => row.rule === rule)
    .map(({ coordinate, message }) => `${coordinate}: ${message}`);

describe('lintSchema', () => {
  it('gives rows with rule, severity, message, coordinate and line, in the order of the lines', () => {
    const rows = lintSchema(
      'input A {\n  "b"\n  b: B!\n}\ninput B { "a" a: A! }\ntype Query { "x" my_x(a: A): Int }',
    );
    expect(rows.filter(({ rule }) => rule === 'input-cycles' || rule === 'naming')).toEqual([
      {
        rule: 'input-cycles',
        severity: 'error',
        message: 'No value can be written for A: expected a field of A → B → A to be nullable or a list',
        coordinate: 'A.b',
        line: 3,
      },
      {
        rule: 'naming',
        severity: 'warning',
        message: 'Expected a name in camelCase, but got my_x',
        coordinate: 'Query.my_x',
        line: 6,
      },
    ]);
  });

  it('makes a syntax error a row', () => {
    expect(lintSchema('type Query {\n  a\n}')).toEqual([
      {
        rule: 'syntax',
        severity: 'error',
        message: 'Syntax Error: Expected ":", found "}".',
        coordinate: '',
        line: 3,
      },
    ]);
  });

  it('finds nothing in a schema of the house', () => {
    const sdl = `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"])
      "A moment in ISO 8601, for example \`2026-11-21T07:00:00Z\`."
      scalar DateTime
      "Anything with an id."
      interface Node { "Unique among its kind." id: ID! }
      "Somebody who writes."
      type User implements Node @key(fields: "id") {
        "Never reused."
        id: ID!
        "When the account was made."
        createdAt: DateTime!
        "Newest first."
        posts(first: Int = 10): PostConnection
      }
      "Posts, page by page."
      type PostConnection { "The posts." edges: [PostEdge!]! }
      "A post and its place."
      type PostEdge { "The post." node: Post! }
      "A text."
      type Post implements Node @key(fields: "id") { "Never reused." id: ID! "Who wrote it." author: User }
      "What to change."
      input UpdatePostInput { "The post." id: ID! }
      type Query { "One post." post(id: ID!): Post }
      type Mutation {
        "Changes a post."
        updatePost(input: UpdatePostInput!): Post
        "Shows a post to everybody."
        publishPost(id: ID!): Post
      }`;
    expect(lintSchema(sdl)).toEqual([]);
  });

  it('has a name of its own for every rule', () => {
    expect(new Set(lintRules.map(({ name }) => name)).size).toBe(lintRules.length);
  });
});

describe('cycles', () => {
  it('refuses an indirect cycle of required inputs and names the path', () => {
    expect(findings('input-cycles', 'input A { b: B! } input B { c: C! } input C { x: Int a: A! }')).toEqual([
      'A.b: No value can be written for A: expected a field of A → B → C → A to be nullable or a list',
    ]);
  });

  it.each([
    ['a nullable field', 'input A { b: B! } input B { a: A }'],
    ['a list, which may be empty', 'input Filter { and: [Filter!]! or: [Filter!] }'],
    ['object types, which are a graph', 'type User { posts: Post! } type Post { author: User! }'],
  ])('lets a cycle through %s stand', (_, sdl) => {
    expect(lintSchema(sdl).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('refuses interfaces that implement themselves, also through extensions', () => {
    const sdl =
      'interface A implements B { id: ID! } interface B { id: ID! } extend interface B implements A';
    expect(findings('interface-cycles', sdl)).toEqual([
      'A: Expected interfaces that do not implement themselves, but got A → B → A',
    ]);
    expect(lintSchema(sdl).find(({ rule }) => rule === 'interface-cycles')?.severity).toBe('error');
  });
});

describe('names', () => {
  it('wants fieldName, TypeName and ENUM_VALUE', () => {
    const sdl = 'type user_role { A_b(C: Int): Int } enum E { ADMIN SUPER_USER guest } input I { Name: Int }';
    expect(findings('naming', sdl)).toEqual([
      'user_role: Expected a name in PascalCase, but got user_role',
      'user_role.A_b: Expected a name in camelCase, but got A_b',
      'user_role.A_b(C:): Expected a name in camelCase, but got C',
      'E.guest: Expected a name in UPPER_CASE, but got guest',
      'I.Name: Expected a name in camelCase, but got Name',
    ]);
  });

  it('leaves the names of @link and of federation alone', () => {
    expect(findings('naming', 'scalar link__Import enum link__Purpose { security }')).toEqual([]);
  });

  it('wants createX, updateX and deleteX, verb first', () => {
    const sdl = `type Mutation {
      removePost(id: ID!): Int  postCreate: Int  modifyPost: Int
      createPost: Int  publishPost: Int  signIn: Int  settle: Int  constructor: Int
    }`;
    expect(findings('mutation-verbs', sdl)).toEqual([
      'Mutation.removePost: Expected deletePost, but got removePost',
      'Mutation.postCreate: Expected createPost, but got postCreate',
      'Mutation.modifyPost: Expected updatePost, but got modifyPost',
    ]);
  });

  it('knows a mutation root of another name', () => {
    expect(findings('mutation-verbs', 'schema { mutation: M } type M { dropUser: Int }')).toEqual([
      'M.dropUser: Expected deleteUser, but got dropUser',
    ]);
  });

  it('wants createdAt and updatedAt', () => {
    const sdl = 'type A { createdAt: Int created_at: Int modifiedAt: Int updatedOn: Int publishedAt: Int }';
    expect(findings('timestamps', sdl)).toEqual([
      'A.created_at: Expected createdAt, but got created_at',
      'A.modifiedAt: Expected updatedAt, but got modifiedAt',
      'A.updatedOn: Expected updatedAt, but got updatedOn',
    ]);
  });
});

describe('mutations', () => {
  it('wants one input, an id, or both', () => {
    const sdl = `input I { a: Int }
      type Mutation { a(input: I!): Int  b(id: ID!): Int  c: Int  g(id: ID!, input: I!): Int  h(a: ID!, b: ID!): Int  d(id: ID!, title: String): Int  e(data: I): Int  f(ids: [ID!]): Int }`;
    const expected = 'Expected an id and one argument "input" of an input type at most, but got';
    expect(findings('mutation-inputs', sdl)).toEqual([
      `Mutation.h: ${expected} a, b`,
      `Mutation.d: ${expected} id, title`,
      `Mutation.e: ${expected} data`,
      `Mutation.f: ${expected} ids`,
    ]);
  });
});

describe('nullability', () => {
  it('wants ids and the items of lists to be non-null', () => {
    expect(
      findings('nullability', 'type A { id: ID x: Int! tags: [String] grid: [[Int]!]! ok: [Int!] }'),
    ).toEqual([
      'A.id: Expected id to be non-null: a thing without one cannot be referred to',
      'A.tags: Expected non-null items: clients must otherwise test each for null',
      'A.grid: Expected non-null items: clients must otherwise test each for null',
    ]);
  });

  it('wants something that a client can rely on in every type but the roots', () => {
    const sdl = 'type A { a: Int b: Int c: Int } type B { a: Int b: Int } type Query { a: A b: B c: Int }';
    expect(findings('nullability', sdl)).toEqual([
      'A: Expected at least one non-null field of 3: a client cannot rely on anything',
    ]);
  });
});

describe('lists', () => {
  const entity =
    'type Post @key(fields: "id") { id: ID! } type PostConnection { edges: [Int!] } union U = Post';

  it('wants a page size where there may be any number of entities', () => {
    const sdl = `${entity} type Query { a: [Post!] b: PostConnection c: [U!] d(first: Int = 10): [Post!] e: [Int!] }`;
    expect(findings('page-sizes', sdl)).toEqual(
      ['a', 'b', 'c'].map((name) => `Query.${name}: Expected an argument "first" that bounds the list`),
    );
  });

  it('wants a default for it', () => {
    expect(
      findings('page-sizes', `${entity} type Query { a(first: Int): [Post!] b(first: Int!): [Post!] }`),
    ).toEqual(['Query.a(first:): Expected a default: without one the list has no bound']);
  });

  it('takes a list of ids for a bound', () => {
    expect(findings('page-sizes', `${entity} type Query { posts(ids: [ID!]!): [Post!] }`)).toEqual([]);
  });
});

describe('interfaces', () => {
  it('tells a type that has all fields of one and does not say so; a single field is no likeness', () => {
    const sdl = `interface Node { id: ID! }  interface Times { a: Int! b: Int }  type A { id: ID! a: Int! b: Int }
      type B implements Times { a: Int! b: Int }  type C { a: Int b: Int }`;
    expect(findings('interface-conformance', sdl)).toEqual([
      'A: A has every field of interface Times: expected it to implement Times',
    ]);
  });

  it('tells a type that promises fields it does not have', () => {
    expect(
      findings('interface-conformance', 'interface T { at: Int by: Int } type A implements T { at: Int }'),
    ).toEqual(['A: A implements T: expected a field by, but it has none']);
  });
});

describe('scalars', () => {
  it('wants the scalar that a name promises, in fields, inputs and arguments', () => {
    const sdl = `type A { email: String website: String! readAt: String at: String emailText: String }
      input I { workEmail: String } type Query { a(birthday: String): Int }`;
    expect(findings('specific-scalars', sdl)).toEqual([
      'A.email: Expected EmailAddress, but got String',
      'A.website: Expected URL, but got String',
      'A.readAt: Expected DateTime, but got String',
      'I.workEmail: Expected EmailAddress, but got String',
      'Query.a(birthday:): Expected Date, but got String',
    ]);
  });
});

describe('descriptions', () => {
  it('wants one for every type and field that clients see and this subgraph resolves', () => {
    const sdl = `
      type A { x: Int  "y" y: Int  hidden: Int @inaccessible  theirs: Int @external }
      extend type B { "z" z: Int }
      type Hidden @inaccessible { a: Int }
      type Query { "q" q: A }
      "i" input I { a: Int }`;
    expect(findings('descriptions', sdl)).toEqual(
      ['A', 'A.x', 'I.a'].map((name) => `${name}: Expected a description of ${name}, but it has none`),
    );
  });

  it('wants examples for own scalars and large inputs', () => {
    const sdl = `"A day." scalar Date  "A time, e.g. 07:00." scalar Time
      "Many." input Many { a: Int b: Int c: Int d: Int e: Int f: Int }  "Few." input Few { a: Int }`;
    expect(findings('examples', sdl).map((text) => text.split(':')[0])).toEqual(['Date', 'Many']);
  });
});

describe('unused types', () => {
  it('tells what neither a root, an entity nor a directive leads to', () => {
    const sdl = `
      directive @limit(by: Unit) on FIELD_DEFINITION
      enum Unit { A }
      interface Node { id: ID! }
      type User implements Node @federation__key(fields: "id") { id: ID! role: Role }
      enum Role { ADMIN }
      type Hit implements Node { id: ID! }
      input Filter { and: [Filter!] }
      enum Left { OVER }
      type Query { node(filter: Filter): Node }`;
    expect(findings('unused-types', sdl)).toEqual([
      'Left: Expected Left to be used by a root field, an entity or a directive, but nothing leads to it',
    ]);
  });
});
