import { CodedError } from '@tributary/errors';
import {
  defaultFieldResolver,
  execute,
  graphql,
  GraphQLScalarType,
  isObjectType,
  parse,
  type GraphQLSchema,
} from 'graphql';
import { describe, expect, it } from 'vitest';

import { anonymous, type Principal } from '../context/principal.ts';
import { createSubgraphSchema, type SubgraphSchemaOptions } from './create-subgraph-schema.ts';

const federation = (...imports: string[]) =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ${JSON.stringify(imports)})\n`;

const query = (resolvers: object = { hello: () => 'world' }) => ({ Query: resolvers });

/** The problems that stop a start; none for a schema that can be served. */
function problemsOf(options: Partial<SubgraphSchemaOptions>): unknown {
  try {
    createSubgraphSchema({ typeDefs: 'type Query { hello: String }', resolvers: query(), ...options });
    return [];
  } catch (error: unknown) {
    if (!(error instanceof CodedError) || error.code !== 'SCHEMA_INVALID') throw error;
    return error.extensions['problems'];
  }
}

describe('a schema that can be served', () => {
  it('answers, entities included', async () => {
    const schema = createSubgraphSchema({
      typeDefs: `${federation('@key')} type Post @key(fields: "id") { id: ID! title: String } type Query { post: Post }`,
      resolvers: {
        Query: { post: () => ({ id: '1', title: 'One' }) },
        Post: { __resolveReference: ({ id }: { id: string }) => ({ id, title: `Post ${id}` }) },
      },
    });
    const source =
      '{ post { title } _entities(representations: [{ __typename: "Post", id: "2" }]) { ... on Post { title } } }';
    expect(await graphql({ schema, source })).toMatchObject({
      data: { post: { title: 'One' }, _entities: [{ title: 'Post 2' }] },
    });
  });

  it('answers each entity for itself, whatever happens to the others', async () => {
    const schema = createSubgraphSchema({
      typeDefs: `${federation('@key')}
        type Post @key(fields: "id") @key(fields: "slug author { id }") { id: ID! slug: String author: User }
        type User { id: ID! }
        type Query { post: Post }`,
      resolvers: {
        Query: { post: () => null },
        Post: {
          __resolveReference: ({ id = 'by slug' }: { id?: string }) => {
            if (id === '2') throw new CodedError('NOT_FOUND', 'There is no post 2');
            return { id };
          },
        },
      },
    });
    const representations = [
      { id: '1' },
      { id: '2' },
      {},
      { id: null },
      { id: {} },
      { slug: 'one' },
      { slug: 'one', author: { id: '1' } },
    ].map((keys) => ({ __typename: 'Post', ...keys }));
    const { data, errors = [] } = await graphql({
      schema,
      source: 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Post { id } } }',
      variableValues: { r: representations },
    });
    expect(data).toEqual({ _entities: [{ id: '1' }, null, null, null, null, null, { id: 'by slug' }] });
    expect(errors.map(({ message }) => message)).toEqual([
      'There is no post 2',
      ...Array.from(
        { length: 4 },
        () => 'Expected a representation of Post to have the key "id" or "slug author { id }"',
      ),
    ]);
    expect(errors[1]?.extensions).toEqual({ code: 'BAD_USER_INPUT' });
  });

  it('may come in several files and modules, joined field by field', async () => {
    const schema = createSubgraphSchema({
      typeDefs: ['type Query { one: Int }', 'extend type Query { two: Int }'],
      resolvers: [query({ one: () => 1 }), query({ two: () => 2 })],
    });
    expect(await graphql({ schema, source: '{ one two }' })).toEqual({ data: { one: 1, two: 2 } });
  });

  it('may extend types of other subgraphs, and have no queries', () => {
    const typeDefs = `${federation('@key')} extend type User @key(fields: "id") { id: ID! posts: Int }`;
    expect(problemsOf({ typeDefs, resolvers: { User: { posts: () => 1 } } })).toEqual([]);
  });

  it('may define the directives that it links', () => {
    const typeDefs = `${federation('@key')}
      scalar federation__FieldSet
      directive @key(fields: federation__FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
      type Query { hello: String }`;
    expect(problemsOf({ typeDefs })).toEqual([]);
  });

  it('may have cycles between types', () => {
    const typeDefs = 'type User { posts: [Post!]! } type Post { author: User! } type Query { hello: String }';
    expect(problemsOf({ typeDefs })).toEqual([]);
  });

  it('goes through its transforms in their order', () => {
    const trace: string[] = [];
    const transform = (name: string) => (schema: GraphQLSchema) => {
      trace.push(name);
      return schema;
    };
    createSubgraphSchema({
      typeDefs: 'type Query { hello: String }',
      resolvers: query(),
      transforms: [transform('first'), transform('second')],
    });
    expect(trace).toEqual(['first', 'second']);
  });

  it('can give a directive of its own a behaviour', async () => {
    const uppercase = (schema: GraphQLSchema): GraphQLSchema => {
      for (const type of Object.values(schema.getTypeMap()).filter(isObjectType)) {
        for (const field of Object.values(type.getFields())) {
          if (!field.astNode?.directives?.some(({ name }) => name.value === 'upper')) continue;
          const resolve = field.resolve ?? defaultFieldResolver;
          field.resolve = async (...call) => String(await resolve(...call)).toUpperCase();
        }
      }
      return schema;
    };
    const schema = createSubgraphSchema({
      typeDefs: 'directive @upper on FIELD_DEFINITION type Query { hello: String @upper }',
      resolvers: query(),
      transforms: [uppercase],
    });
    expect(await graphql({ schema, source: '{ hello }' })).toEqual({ data: { hello: 'WORLD' } });
  });
});

describe('a schema that cannot be served', () => {
  it('is refused with all that is wrong with it, each problem with its place', () => {
    const problems = problemsOf({
      typeDefs: `
interface Node { id: ID! name: String! }
type Post implements Node { id: ID! author: Missing }
type Query { post: Post @shiny posts: [Post!]! hello(at: Nowhere): String }`,
      resolvers: [
        { Query: { post: () => null, hello: () => '' }, Post: { titel: () => '' } },
        { Query: { post: () => null }, Comment: { body: () => '' } },
      ],
    });
    expect(problems).toEqual([
      'Expected one resolver for Query.post, but got several',
      'Unknown type "Missing". (line 3, column 45)',
      'Unknown directive "@shiny". (line 4, column 25)',
      'Unknown type "Nowhere". (line 4, column 58)',
      expect.stringContaining(
        'Interface field Node.name expected but Post does not provide it. (line 2, column 26)',
      ),
      'Expected a field Post.titel for its resolver, but the schema has none',
      'Expected a type Comment for its resolvers, but the schema has none',
      'Expected a resolver for Query.posts, but got none',
    ]);
  });

  it('says it in one message, a line each', () => {
    expect(() =>
      createSubgraphSchema({ typeDefs: 'type Query { one: Int two: Int }', resolvers: {} }),
    ).toThrow(
      `The schema cannot be served:
- Expected a resolver for Query.one, but got none
- Expected a resolver for Query.two, but got none`,
    );
  });

  it.each([
    [
      'a syntax error',
      'type Query { hello String }',
      'Syntax Error: Expected ":", found Name "String". (line 1, column 20)',
    ],
    [
      'a type that is defined twice',
      'type Query { hello: String } type Query { again: Int }',
      'There can be only one type named "Query". (line 1, column 6)',
    ],
    ['nothing at all', '', 'Syntax Error: Unexpected <EOF>. (line 1, column 1)'],
    [
      'an unknown directive',
      'type Query { hello: String @shiny }',
      'Unknown directive "@shiny". (line 1, column 28)',
    ],
    [
      'a directive that is not imported',
      `${federation()} type Query @shareable { hello: String }`,
      'Unknown directive "@shareable". (line 2, column 13)',
    ],
    [
      'an import that does not exist',
      `${federation('@shiny')} type Query { hello: String }`,
      expect.stringContaining('"@shiny"'),
    ],
    [
      'a version of federation that does not exist',
      'extend schema @link(url: "https://specs.apollo.dev/federation/v9.9") type Query { hello: String }',
      expect.stringContaining('Unsupported federation version'),
    ],
    [
      'a missing required argument of a directive',
      `${federation('@key')} type A @key { id: ID } type Query { hello: String }`,
      expect.stringContaining('argument "fields" of type'),
    ],
    [
      'a field of the wrong type for its interface',
      'interface Node { id: ID! } type A implements Node { id: Int } type Query { hello: String }',
      expect.stringContaining('Interface field Node.id expects type ID! but A.id is type Int. (line 1'),
    ],
    [
      'interfaces that implement each other',
      'interface A implements B { id: ID } interface B implements A { id: ID } type Query { hello: String }',
      expect.stringContaining('Type A cannot implement B because it would create a circular reference.'),
    ],
    [
      'an input that cannot be written, with its path',
      'input A { b: B! } input B { c: C! } input C { a: A! } type Query { hello(a: A): String }',
      'Cannot reference Input Object "A" within itself through a series of non-null fields: "b.c.a". (line 1, column 11)',
    ],
    [
      'an empty type',
      'type A type Query { hello: String }',
      expect.stringContaining('Type A must define one or more fields.'),
    ],
    [
      'an output in place of an input',
      'type A { id: ID } type Query { hello(a: A): String }',
      expect.stringContaining('The type of Query.hello(a:) must be Input Type but got: A.'),
    ],
  ])('has %s', (_what, typeDefs, problem) => {
    expect(problemsOf({ typeDefs })).toContainEqual(problem);
  });

  it.each([
    ['a root field without a resolver', {}, 'Expected a resolver for Query.hello, but got none'],
    [
      'a resolver for a value that an enum does not have',
      { ...query(), Status: { NEW: 'new', GONE: 'gone' } },
      'Expected a field Status.GONE for its resolver, but the schema has none',
    ],
    [
      'a resolver for a field of an input',
      { ...query(), Filter: { status: () => 'NEW' } },
      'Expected a field Filter.status for its resolver, but the schema has none',
    ],
  ])('has %s', (_what, resolvers: object, problem) => {
    const typeDefs = 'enum Status { NEW } input Filter { status: Status } type Query { hello: String }';
    expect(problemsOf({ typeDefs, resolvers })).toEqual([problem]);
  });

  it('has a subscription field that neither events nor a resolver feed', () => {
    const typeDefs = `
      extend schema @link(url: "https://specs.tributary.dev/tributary/v1.1", import: ["@event"])
      directive @event(channel: String!, filter: String) repeatable on FIELD_DEFINITION
      type Query { hello: String }
      type Subscription { ticks: Int posted: String @event(channel: "post.created") }`;
    expect(problemsOf({ typeDefs })).toEqual(['Expected a resolver for Subscription.ticks, but got none']);
  });

  it('has two modules that bring one scalar', () => {
    const scalar = new GraphQLScalarType({ name: 'Color' });
    expect(
      problemsOf({
        typeDefs: 'scalar Color type Query { hello: String }',
        resolvers: [{ ...query(), Color: scalar }, { Color: scalar }],
      }),
    ).toEqual(['Expected one scalar Color, but got several']);
  });

  it('is not refused for a field with the name of something that every object has', () => {
    const typeDefs = 'type Query { constructor: String toString: String }';
    expect(
      problemsOf({ typeDefs, resolvers: [query({ constructor: () => '' }), query({ toString: () => '' })] }),
    ).toEqual([]);
  });
});

describe('a scalar', () => {
  const typeDefs = `
    "When."
    scalar DateTime @specifiedBy(url: "https://example.org/date-time")
    type Query { echo(at: DateTime!): DateTime }`;
  const resolvers = query({ echo: (_root: unknown, { at }: { at: unknown }) => at });
  const source = '{ echo(at: "2026-01-31T11:30:00+02:00") }';

  it('of the kit serves under its name', async () => {
    const schema = createSubgraphSchema({ typeDefs, resolvers });
    expect(await graphql({ schema, source })).toEqual({ data: { echo: '2026-01-31T09:30:00.000Z' } });
  });

  it('keeps what the schema says of it', () => {
    const schema = createSubgraphSchema({ typeDefs, resolvers });
    expect(schema.getType('DateTime')).toMatchObject({
      description: 'When.',
      specifiedByURL: 'https://example.org/date-time',
    });
  });

  it('that is not declared is not there', () => {
    const schema = createSubgraphSchema({ typeDefs, resolvers });
    expect(schema.getType('UUID')).toBeUndefined();
  });

  const reversed = new GraphQLScalarType({
    name: 'DateTime',
    serialize: (value) => String(value).split('').toReversed().join(''),
  });

  it.each([
    ['by option', { scalars: { DateTime: reversed }, resolvers }],
    ['among the resolvers', { resolvers: { ...resolvers, DateTime: reversed } }],
  ])('may be replaced %s', async (_how, options) => {
    const schema = createSubgraphSchema({ typeDefs, ...options });
    expect(await graphql({ schema, source: '{ echo(at: "abc") }' })).toEqual({ data: { echo: 'cba' } });
  });
});

describe('a mark', () => {
  const typeDefs = `${federation('@authenticated', '@requiresScopes')}
    interface Secret @authenticated { word: String }
    type Safe implements Secret { word: String }
    type Vault @requiresScopes(scopes: [["read:vault"], ["admin"]]) { gold: Int }
    type Query {
      open: String
      me: String @authenticated
      guess(id: ID!): String @authenticated
      vault: Vault
      safe: Safe
    }`;
  let calls = 0;
  const field = (value: unknown) => () => {
    calls += 1;
    return value;
  };
  const schema = createSubgraphSchema({
    typeDefs,
    resolvers: query({
      open: field('open'),
      me: field('me'),
      guess: field('guess'),
      vault: () => ({ gold: 5 }),
      safe: () => ({ word: 'sesame' }),
    }),
  });
  const ask = async (source: string, principal: Principal) => {
    calls = 0;
    const { data, errors } = await execute({ schema, document: parse(source), contextValue: { principal } });
    return { data: { ...data }, codes: errors?.map(({ extensions }) => extensions['code']), calls };
  };
  const ada = { ...anonymous, userId: 'ada' };

  it('keeps callers who did not sign in from a field', async () => {
    expect(await ask('{ open me }', anonymous)).toEqual({
      data: { open: 'open', me: null },
      codes: ['UNAUTHENTICATED'],
      calls: 1,
    });
    expect(await ask('{ open me }', ada)).toEqual({ data: { open: 'open', me: 'me' }, calls: 2 });
  });

  it.each([
    ['of another name', 'import: [{ name: "@authenticated", as: "@locked" }]', '@locked'],
    ['of the namespace', 'import: []', '@federation__authenticated'],
  ])('%s is the same', async (_title, link, mark) => {
    const schema = createSubgraphSchema({
      typeDefs: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", ${link})
        type Query { me: String ${mark} }`,
      resolvers: query({ me: field('me') }),
    });
    const { errors } = await execute({
      schema,
      document: parse('{ me }'),
      contextValue: { principal: anonymous },
    });
    expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['UNAUTHENTICATED']);
  });

  it('comes before what is wrong with the input', async () => {
    expect((await ask('{ guess(id: "") }', anonymous)).codes).toEqual(['UNAUTHENTICATED']);
    expect((await ask('{ guess(id: "") }', ada)).codes).toEqual(['BAD_USER_INPUT']);
  });

  it('on a type guards each of its fields, by one of its sets of scopes', async () => {
    expect((await ask('{ vault { gold } }', ada)).codes).toEqual(['FORBIDDEN']);
    expect((await ask('{ vault { gold } }', { ...ada, scopes: ['admin'] })).data).toEqual({
      vault: { gold: 5 },
    });
  });

  it('on an interface guards the types that implement it', async () => {
    expect((await ask('{ safe { word } }', anonymous)).codes).toEqual(['UNAUTHENTICATED']);
    expect((await ask('{ safe { word } }', ada)).data).toEqual({ safe: { word: 'sesame' } });
  });
});
