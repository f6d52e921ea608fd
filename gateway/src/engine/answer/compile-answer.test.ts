import { buildSchema, GraphQLError, graphqlSync, parse, type GraphQLSchema } from 'graphql';
import { describe, expect, it } from 'vitest';

import { compileAnswer } from './compile-answer.ts';
import { Failures } from './failures.ts';
import { normalizeOperation } from './normalize-operation.ts';

const schema = buildSchema(`
  scalar Any
  enum Role { ADMIN EDITOR }
  interface Node { id: ID! }
  type User implements Node { id: ID! name: String role: Role posts(first: Int): [Post!] constructor: Any }
  type Post implements Node { id: ID! title: String! author: User required: User! }
  type Secret implements Node { id: ID! code: String! }
  type Query { me: User node: Node nodes: [Node!] posts: [Post] must: User! self: Query }
`);

interface Setup {
  readonly refused?: readonly string[];
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly fail?: (failures: Failures) => void;
  readonly of?: GraphQLSchema;
}

/** Writes twice, since the generated writer begins with the second answer; both must be the same. */
function answer(
  query: string,
  data: object,
  { refused = [], variables = {}, fail, of = schema }: Setup = {},
) {
  const normalized = normalizeOperation({
    schema: of,
    document: parse(query),
    refusals: { isRefused: (type, field) => refused.includes(`${type}.${field}`) },
  });
  const writer = compileAnswer(normalized);
  const failures = new Failures();
  fail?.(failures);
  const [first, second] = [0, 1].map(() => writer.write({ data, variables, failures }));
  expect(second?.data).toBe(first?.data);
  expect(second?.errors.map(String)).toEqual(first?.errors.map(String));
  const errors = (first?.errors ?? []).map(({ message, path, extensions }) => [
    path?.join('.'),
    message,
    ...(extensions['code'] === undefined ? [] : [extensions['code']]),
  ]);
  return { data: first?.data, ...(errors.length > 0 && { errors }) };
}

const down = new GraphQLError('users is down', { extensions: { code: 'SUBGRAPH_UNAVAILABLE' } });
const downstream = 'DOWNSTREAM_SERVICE_ERROR';

describe('an answer', () => {
  it('has the names, the order and the selections that the client chose', () => {
    const data = {
      me: { name: 'Ada', posts__1: [{ title: 'First' }], posts__2: [{ id: '1', author: null }] },
    };
    const query =
      '{ x: me { ...F a: posts(first: 1) { title } b: posts(first: 1) { id author { id } } } } fragment F on User { n: name __typename }';
    expect(answer(query, data)).toEqual({
      data: '{"x":{"n":"Ada","__typename":"User","a":[{"title":"First"}],"b":[{"id":"1","author":null}]}}',
    });
  });

  it('follows conditions, which also decide about the order', () => {
    const query = 'query ($a: Boolean!) { me { name @include(if: $a) id ... @skip(if: $a) { role } name } }';
    const data = { me: { id: 7, name: 'Ada', role: 'ADMIN' } };
    expect(answer(query, data, { variables: { a: true } }).data).toBe('{"me":{"name":"Ada","id":"7"}}');
    expect(answer(query, data, { variables: { a: false } }).data).toBe(
      '{"me":{"id":"7","role":"ADMIN","name":"Ada"}}',
    );
  });

  it('keeps writers for a bounded number of settings of its conditions', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const declared = names.map((name) => `$${name}: Boolean!`).join(' ');
    const fields = names.map((name) => `${name}: id @include(if: $${name})`).join(' ');
    const writer = compileAnswer(
      normalizeOperation({ schema, document: parse(`query (${declared}) { me { ${fields} } }`) }),
    );
    for (let setting = 0; setting < 128; setting += 1) {
      const chosen = names.filter((_name, index) => (setting >> index) & 1);
      const variables = Object.fromEntries(names.map((name) => [name, chosen.includes(name)]));
      const { data } = writer.write({ data: { me: { id: '1' } }, variables, failures: new Failures() });
      expect(data).toBe(`{"me":{${chosen.map((name) => `"${name}":"1"`).join(',')}}}`);
    }
  });

  it('reads no more than what data has, whatever objects inherit', () => {
    expect(answer('{ me { constructor } }', { me: {} }).data).toBe('{"me":{"constructor":null}}');
    expect(answer('{ me { constructor } }', JSON.parse('{ "me": { "constructor": [1] } }')).data).toBe(
      '{"me":{"constructor":[1]}}',
    );
  });

  it('escapes what JSON must', () => {
    const texts = [
      '',
      'a"b',
      'back\\slash',
      '\u0000',
      '\u001f',
      '\u007f',
      'ü🚲',
      '\ud800',
      '\u2028',
      '€'.repeat(50),
    ];
    for (const name of [...texts, 'x'.repeat(130), `${'x'.repeat(60)}"`, `${'x'.repeat(130)}\n`]) {
      expect(answer('{ me { name } }', { me: { name } }).data).toBe(JSON.stringify({ me: { name } }));
    }
  });

  it('takes the type of an object from the data, and needs none where all types answer the same', () => {
    const query = '{ node { id } }';
    for (const typename of [{ __typename: 'User' }, { __typename: 'Node' }, {}]) {
      expect(answer(query, { node: { id: '1', ...typename } }).data).toBe('{"node":{"id":"1"}}');
    }
    const data = {
      nodes: [
        { __typename: 'User', id: '1' },
        { __typename: 'Post', id: '2', title: 'First' },
      ],
    };
    expect(answer('{ nodes { __typename id ... on Post { title } } }', data).data).toBe(
      '{"nodes":[{"__typename":"User","id":"1"},{"__typename":"Post","id":"2","title":"First"}]}',
    );
  });

  it('has what graphql-js says about the schema, at any depth', () => {
    const query = `query ($name: String!, $a: Boolean!) {
      s: __schema { queryType { ...T } } self { __type(name: $name) { ...T } __type(name: $name) { kind } }
      ... @include(if: $a) { __type(name: "Post") { name } s: __schema { mutationType { name } } }
    } fragment T on __Type { name fields @include(if: $a) { name } }`;
    for (const variables of [
      { name: 'User', a: true },
      { name: 'Nobody', a: false },
    ]) {
      const expected = graphqlSync({
        schema,
        source: query,
        variableValues: variables,
        rootValue: { self: {} },
      });
      expect(answer(query, { self: {} }, { variables }).data).toBe(JSON.stringify(expected.data));
    }
  });
});

it('visits fragments that double within each other once', () => {
  const doubling = Array.from(
    { length: 40 },
    (_none, n) => `fragment F${n} on User { ...F${n + 1} ...F${n + 1} }`,
  );
  const query = `{ me { ...F0 } } ${doubling.join(' ')} fragment F40 on User { id }`;
  expect(answer(query, { me: { id: '1' } }).data).toBe('{"me":{"id":"1"}}');
});

describe('a value that is not as the schema promises', () => {
  it('is null, or bubbles to the next place that may be', () => {
    expect(answer('{ me { id } }', { me: { id: null } })).toEqual({
      data: '{"me":null}',
      errors: [['me.id', 'Cannot return null for non-nullable field User.id.', downstream]],
    });
    expect(answer('{ must { id } }', { must: { id: null } })).toEqual({
      data: 'null',
      errors: [['must.id', 'Cannot return null for non-nullable field User.id.', downstream]],
    });
    const data = {
      posts: [{ required: { name: 'Ada' } }, { required: { name: 5 } }, { required: [] }, 'text'],
    };
    expect(answer('{ posts { required { name } } }', data)).toEqual({
      data: '{"posts":[{"required":{"name":"Ada"}},{"required":{"name":null}},null,null]}',
      errors: [
        [
          'posts.1.required.name',
          'Expected a value of type "String" for User.name, but got a number',
          downstream,
        ],
        ['posts.2.required', 'Expected a value of type "User" for Post.required, but got a list', downstream],
        ['posts.3', 'Expected a value of type "Post" for Query.posts, but got a string', downstream],
      ],
    });
  });

  it('is an enum value that clients do not know', () => {
    expect(answer('{ me { role } }', { me: { role: 'HIDDEN' } })).toEqual({
      data: '{"me":{"role":null}}',
      errors: [['me.role', 'Expected a value of type "Role" for User.role, but got a string', downstream]],
    });
  });

  it.each([
    ['Hidden', '__typename'],
    ['Hidden', 'id'],
    ['Query', 'id'],
    [5, 'id'],
    ['Node', '__typename'],
    [undefined, '__typename'],
  ])('is an object of the type %s where %s is asked for', (typename, field) => {
    const { data, errors } = answer(`{ node { ${field} id } }`, {
      node: { __typename: typename, id: '1' },
    });
    expect(data).toBe('{"node":null}');
    expect(errors).toEqual([
      [
        'node',
        'Expected an object of a type that belongs to "Node" for Query.node, but got another one',
        downstream,
      ],
    ]);
  });

  it('may be nested deeper than anybody can write', () => {
    const deep = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`) as unknown;
    expect(answer('{ me { id constructor } }', { me: { id: '1', constructor: deep } })).toMatchObject({
      data: '{"me":{"id":"1","constructor":null}}',
    });
  });
});

describe('a failure', () => {
  it('is told at the client’s path wherever a null stands because of it', () => {
    const ada = { name: null };
    const data = { posts: [{ author: ada }, { author: ada }], me: null };
    const query = '{ p: posts { author { n: name m: name } } me { id } }';
    const fail = (failures: Failures) => {
      failures.add(ada, 'name', down);
      failures.add(data, 'me', down);
    };
    expect(answer(query, data, { fail })).toEqual({
      data: '{"p":[{"author":{"n":null,"m":null}},{"author":{"n":null,"m":null}}],"me":null}',
      errors: ['p.0.author.n', 'p.0.author.m', 'p.1.author.n', 'p.1.author.m', 'me'].map((path) => [
        path,
        'users is down',
        'SUBGRAPH_UNAVAILABLE',
      ]),
    });
  });

  it('explains a null that may not stand there, so that nothing else needs to', () => {
    const data = { posts: [{ required: null }] };
    const fail = (failures: Failures) => failures.add(data.posts[0] as object, 'required', down);
    expect(answer('{ posts { required { id } } }', data, { fail })).toEqual({
      data: '{"posts":[null]}',
      errors: [['posts.0.required', 'users is down', 'SUBGRAPH_UNAVAILABLE']],
    });
  });

  it('keeps the deeper path that it knows, in the client’s words and as far as the client asked', () => {
    const data = { me: null, nodes: [null] };
    const fail = (failures: Failures) => {
      failures.add(data, 'me', down, ['posts__1', 3, 'title']);
      failures.add(data.nodes, 0, down, ['author', 'name']);
      failures.add(data, 'me', down, ['email']);
    };
    const query = '{ me { p: posts(first: 1) { t: title } } nodes { ... on Post { a: author { id } } } }';
    expect(answer(query, data, { fail })).toEqual({
      data: '{"me":null,"nodes":null}',
      errors: ['me.p.3.t', 'me', 'nodes.0.a'].map((path) => [path, 'users is down', 'SUBGRAPH_UNAVAILABLE']),
    });
  });

  it('of what no field shows stands at the nearest object that was shown, or nowhere', () => {
    const hidden = { weight: null };
    const data = { me: { id: '1', box: { inner: hidden } } };
    const fail = (failures: Failures) => {
      failures.add(data.me, 'zip', down);
      failures.add(hidden, 'weight', new GraphQLError('too heavy'));
      failures.add({}, 'gone', new GraphQLError('nowhere'));
    };
    expect(answer('{ me { id } }', data, { fail })).toEqual({
      data: '{"me":{"id":"1"}}',
      errors: [
        ['me', 'users is down', 'SUBGRAPH_UNAVAILABLE'],
        ['me', 'too heavy'],
        [undefined, 'nowhere'],
      ],
    });
  });

  it('is not told where a null above it is explained already', () => {
    const data = { must: { id: null, name: null } };
    const fail = (failures: Failures) => {
      failures.add(data.must, 'id', down);
      failures.add(data.must, 'name', new GraphQLError('another'));
    };
    expect(answer('{ must { id name } }', data, { fail })).toEqual({
      data: 'null',
      errors: [['must.id', 'users is down', 'SUBGRAPH_UNAVAILABLE']],
    });
  });

  it('counts once at a place', () => {
    const data = { me: null };
    const fail = (failures: Failures) => {
      failures.add(data, 'me', down);
      failures.add(data, 'me', down);
    };
    expect(answer('{ me { id } }', data, { fail }).errors).toHaveLength(1);
  });
});

describe('what the caller may not see', () => {
  const unauthorized = (path: string) => [path, 'Unauthorized field or type', 'UNAUTHORIZED_FIELD_OR_TYPE'];

  it('is null with an error in every object that would have it', () => {
    const data = { posts: [{ author: { id: '1' } }, null, { author: { id: '2' } }] };
    expect(answer('{ posts { author { id n: name } } }', data, { refused: ['User.name'] })).toEqual({
      data: '{"posts":[{"author":{"id":"1","n":null}},null,{"author":{"id":"2","n":null}}]}',
      errors: [unauthorized('posts.0.author.n'), unauthorized('posts.2.author.n')],
    });
  });

  it('bubbles where it may not be null', () => {
    const data = { posts: [{ title: 'First' }] };
    expect(answer('{ posts { title required { id } } }', data, { refused: ['Post.required'] })).toEqual({
      data: '{"posts":[null]}',
      errors: [unauthorized('posts.0.required')],
    });
    expect(answer('{ must { id } }', {}, { refused: ['Query.must'] })).toEqual({
      data: 'null',
      errors: [unauthorized('must')],
    });
  });

  it('is refused of one implementation and shown of the others', () => {
    const data = { node: { __typename: 'Secret' }, nodes: [{ __typename: 'User', id: '1' }] };
    expect(answer('{ node { id } nodes { id } }', data, { refused: ['Secret.id'] })).toEqual({
      data: '{"node":null,"nodes":[{"id":"1"}]}',
      errors: [unauthorized('node.id')],
    });
  });

  it('may be a whole type', () => {
    const data = { node: { __typename: 'Secret' } };
    expect(answer('{ node { __typename } }', data, { refused: ['Secret.__typename'] })).toEqual({
      data: '{"node":null}',
      errors: [unauthorized('node')],
    });
  });
});

describe('an answer in parts', () => {
  function inParts(query: string, data: object, { variables = {}, fail }: Setup = {}) {
    const writer = compileAnswer(normalizeOperation({ schema, document: parse(query) }));
    const failures = new Failures();
    fail?.(failures);
    const first = writer.writeFirst({ data, variables, failures });
    const parts: unknown[] = [first.data];
    const left = [...first.later];
    for (let part = left.shift(); part; part = left.shift()) {
      const { data: text, errors, later } = part.write();
      const paths = errors.map(({ path }) => path?.join('.'));
      parts.push([part.id, part.label, part.path.join('.'), text, ...paths]);
      left.unshift(...later);
    }
    return parts;
  }
  const posts = [{ id: '1', title: 'First', author: { name: 'Ada' } }, null, { id: '2', title: 'Second' }];

  it('has what is not deferred first, then each fragment for each object', () => {
    const query =
      '{ posts { id ...F @defer(label: "rest") } } fragment F on Post { title a: author { name } }';
    expect(inParts(query, { posts })).toEqual([
      '{"posts":[{"id":"1"},null,{"id":"2"}]}',
      ['d1', 'rest', 'posts.0', '{"title":"First","a":{"name":"Ada"}}'],
      ['d1', 'rest', 'posts.2', '{"title":"Second","a":null}'],
    ]);
  });

  it('names what is deferred within what is deferred when that is written', () => {
    const query =
      '{ ... @defer { me { id ... @defer(label: "inner") { name } } ... @defer { node { id } } } }';
    expect(inParts(query, { me: { id: '1', name: 'Ada' }, node: null })).toEqual([
      '{}',
      ['d1', undefined, '', '{"me":{"id":"1"}}'],
      ['d3', undefined, '', '{"node":null}'],
      ['d2', 'inner', 'me', '{"name":"Ada"}'],
    ]);
  });

  it('is refused when it would come in more parts than anybody reads', () => {
    const write = (count: number) =>
      compileAnswer(
        normalizeOperation({ schema, document: parse('{ posts { ... @defer { id } } }') }),
      ).writeFirst({
        data: { posts: Array.from({ length: count }, () => ({ id: '1' })) },
        variables: {},
        failures: new Failures(),
      });
    expect(write(10_000).later).toHaveLength(10_000);
    expect(() => write(10_001)).toThrow(
      'Expected an operation with at most 10000 deferred parts, but got more',
    );
  });

  it('defers by a variable, and nothing when all is wanted at once', () => {
    const query = 'query ($a: Boolean!) { me { id ... @defer(if: $a) { name } } }';
    const data = { me: { id: '1', name: 'Ada' } };
    expect(inParts(query, data, { variables: { a: false } })).toEqual(['{"me":{"id":"1","name":"Ada"}}']);
    expect(inParts(query, data, { variables: { a: true } })).toHaveLength(2);
    expect(answer(query, data, { variables: { a: true } }).data).toBe('{"me":{"id":"1","name":"Ada"}}');
  });

  it('keeps nulls and errors to the part that they belong to', () => {
    const query = '{ posts { id author { name } ... @defer { title } } }';
    const [first] = posts;
    const wrong = [first, { id: '2', title: null }, { id: null, title: 'Third' }];
    expect(inParts(query, { posts: wrong })).toEqual([
      '{"posts":[{"id":"1","author":{"name":"Ada"}},{"id":"2","author":null},null]}',
      ['d1', undefined, 'posts.0', '{"title":"First"}'],
      ['d1', undefined, 'posts.1', 'null', 'posts.1.title'],
    ]);
  });

  it('tells what failed after the first part was written', () => {
    const data = { me: { id: '1' } };
    const writer = compileAnswer(
      normalizeOperation({ schema, document: parse('{ me { id ... @defer { n: name } } }') }),
    );
    const failures = new Failures();
    const { later } = writer.writeFirst({ data, variables: {}, failures });
    failures.add(data.me, 'name', down);
    const part = later[0]?.write();
    expect(part?.data).toBe('{"n":null}');
    expect(part?.errors.map(({ path }) => path)).toEqual([['me', 'n']]);
  });
});

describe('an interface with hundreds of implementations', () => {
  const names = Array.from({ length: 300 }, (_none, index) => `T${index}`);
  const of = buildSchema(`
    interface Node { id: ID! peer: Node }
    ${names.map((name) => `type ${name} implements Node { id: ID! peer: ${name === 'T2' ? 'Node!' : 'Node'} own: Int }`).join('\n')}
    type Query { nodes: [Node] }
  `);
  const nodes = names.map((name, index) => ({ __typename: name, id: name, own: index, peer: null }));

  it('is written by few functions, and each type as it should be', () => {
    const query = '{ nodes { id ... on T1 { own } } }';
    expect(JSON.parse(answer(query, { nodes }, { of }).data ?? '')).toEqual({
      nodes: names.map((id, index) => (index === 1 ? { id, own: 1 } : { id })),
    });
  });

  it('has types that promise more than others, and types that are refused', () => {
    const { data, errors } = answer(
      '{ nodes { peer { id } } }',
      { nodes },
      { of, refused: ['T3.__typename'] },
    );
    expect(JSON.parse(data ?? '')).toEqual({
      nodes: names.map((_name, index) => (index === 2 || index === 3 ? null : { peer: null })),
    });
    expect(errors?.map(([path]) => path)).toEqual(['nodes.2.peer', 'nodes.3']);
  });

  it('tells a refused type from one whose field is refused where nobody asks for it', () => {
    const refused = ['T3.__typename', 'T4.own', 'T5.__typename', 'T5.own'];
    const { data } = answer('{ nodes { ... on T1 { own } } }', { nodes }, { of, refused });
    expect(JSON.parse(data ?? '')).toEqual({
      nodes: names.map((_name, index) => {
        if (index === 3 || index === 5) return null;
        return index === 1 ? { own: 1 } : {};
      }),
    });
  });
});
