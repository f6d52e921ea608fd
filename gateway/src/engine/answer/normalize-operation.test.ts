import { buildSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';

import { normalizeOperation } from './normalize-operation.ts';
import type { Refusals } from './refusals.ts';

const schema = buildSchema(`
  interface Node { id: ID! owner: Node }
  type User implements Node { id: ID! owner: User name: String posts(first: Int, filter: Filter): [Post!]! size: Int }
  type Post implements Node { id: ID! owner: User title: String! author: User posts__1: String size: String }
  type Secret implements Node { id: ID! owner: User code: String }
  union Result = User | Post
  input Filter { a: Int b: Int }
  type Mutation { touch: Int add(n: Int): User }
  type Query { me: User post(id: ID!): Post node(id: ID!): Node search: [Result!] secret: Secret self: Query }
`);

const textOf = (query: string, refused: readonly string[] = []): string => {
  const refusals: Refusals = { isRefused: (type, field) => refused.includes(`${type}.${field}`) };
  return normalizeOperation({ schema, document: parse(query), refusals }).text;
};

describe('data keys', () => {
  it('are bare names where there are no arguments, whatever the client calls them', () => {
    expect(textOf('{ a: me { x: name y: name } b: me { name: id } }')).toBe('{me{name name}me__1:me{id}}');
  });

  it('differ for objects under two names: in one of them a field may be null that the other must not have', () => {
    expect(textOf('{ a: me { id } b: me { name } a: me { name } }')).toBe('{me{id}me__1:me{name}me{name}}');
  });

  it('are one for each run of a mutation, even where a client asks for the same twice', () => {
    expect(textOf('mutation { touch again: touch touch a: add(n: 1) { id } b: add(n: 1) { id } }')).toBe(
      'mutation{touch touch__1:touch add__1:add(n:1){id}add__2:add(n:1){id}}',
    );
  });

  it('are private where there are arguments: equal ones share a key, in any order', () => {
    expect(
      textOf(`query ($n: Int) { me {
        a: posts(first: 1, filter: { a: 1, b: 2 }) { id }
        a: posts(filter: { b: 2, a: 1 }, first: 1) { title }
        c: posts(first: $n) { id }
        posts { id }
      } }`),
    ).toBe(
      'query($n:Int){me{posts__2:posts(first:1 filter:{a:1 b:2}){id}posts__2:posts(filter:{b:2 a:1}first:1){title}' +
        'posts__3:posts(first:$n){id}posts{id}}}',
    );
  });

  it('differ where fields of one name have different types, anywhere in the operation', () => {
    expect(textOf('{ me { size } post(id: 1) { size } }')).toBe('{me{size}post__1:post(id:1){size__1:size}}');
  });

  it('are shared by an interface and its implementations where both lead to objects', () => {
    expect(textOf('{ node(id: 1) { owner { id } ... on Post { owner { name } } } }')).toBe(
      '{node__1:node(id:1){__typename owner{id}...on Post{owner{name}}}}',
    );
  });
});

describe('the document for the planner', () => {
  it('asks for the type where conditions and fragments may leave nothing else', () => {
    expect(textOf('query ($a: Boolean!) { me @skip(if: $a) { id @include(if: $a) } }')).toBe(
      'query($a:Boolean!){me@skip(if:$a){__typename id@include(if:$a)}}',
    );
    expect(
      textOf('query ($a: Boolean!) { me @skip(if: $a) { ...F } } fragment F on Node { ... on Post { id } }'),
    ).toBe('query($a:Boolean!){me@skip(if:$a){__typename ...F1}}fragment F1 on Node{...on Post{id}}');
    expect(textOf('{ me { ...F ... on Node { id } } } fragment F on User { name }')).toBe(
      '{me{...F1 ...on Node{id}}}fragment F1 on User{name}',
    );
  });

  it('keeps conditions on variables and settles literal ones', () => {
    expect(
      textOf(`query ($a: Boolean!, $unused: Int) { me {
        id @skip(if: true) name @include(if: true) size @include(if: $a) @skip(if: false)
        ... @skip(if: $a) { posts @include(if: false) { id } id }
      } }`),
    ).toBe('query($a:Boolean!){me{name size@include(if:$a)...@skip(if:$a){id}}}');
  });

  it('asks for a type only where the answer hangs on it', () => {
    expect(textOf('{ node(id: 1) { id ... on Node { owner { __typename id } } } }')).toBe(
      '{node__1:node(id:1){id ...on Node{owner{__typename id}}}}',
    );
    expect(textOf('{ search { ... on Node { id } } }')).toBe('{search{...on Node{id}}}');
    expect(textOf('{ search { ...F } } fragment F on Node { t: __typename }')).toBe('{search{__typename}}');
    expect(textOf('{ search { ... on Post { id } } }')).toBe('{search{__typename ...on Post{id}}}');
  });

  it('asks for something of an object of which nothing else is left', () => {
    expect(textOf('{ me { __typename } post(id: 1) { id @skip(if: true) } }')).toBe(
      '{me{__typename}post__1:post(id:1){__typename}}',
    );
  });

  it('has neither introspection nor the type of the root, nor fragments of which nothing is left', () => {
    const query =
      'query ($n: String!) { __typename ...R me { id } self { ...R } } fragment R on Query { __schema { description } __type(name: $n) { name } }';
    expect(textOf(query)).toBe('{me{id}self{__typename}}');
    expect(
      normalizeOperation({ schema, document: parse('{ __typename ... { __schema { description } } }') }),
    ).toMatchObject({
      isEmpty: true,
      text: '',
      document: undefined,
    });
  });

  it('keeps fragments, under names of its own', () => {
    expect(textOf('{ me { ...A } } fragment A on User { name ...B } fragment B on User { size }')).toBe(
      '{me{...F2}}fragment F1 on User{size}fragment F2 on User{name ...F1}',
    );
  });

  it('gives each @defer a label of its own, and leaves out those that never defer', () => {
    const query = `query ($a: Boolean) { me { id
      ... @defer(label: "client's") { name } ... @defer(if: $a) { size } ... @defer(if: false) { id }
    } }`;
    expect(textOf(query)).toBe(
      'query($a:Boolean){me{id ...@defer(label:"d1"){name}...@defer(label:"d2" if:$a){size}...{id}}}',
    );
    const { text } = normalizeOperation({ schema, document: parse(query), keepsDefer: false });
    expect(text).toBe('{me{id ...{name}...{size}...{id}}}');
  });

  it('defers by a few variables only: there are plans for each of their settings', () => {
    const names = ['$a', '$b', '$c', '$d', '$e'];
    const query = `query (${names.map((name) => `${name}: Boolean = true`).join(' ')}) {
      me { ${names.map((name) => `... @defer(if: ${name}) { name }`).join(' ')} ... @defer(if: $a) { size } }
    }`;
    const deferredBy = [...textOf(query).matchAll(/if:(\$.)/g)].map(([, name]) => name);
    expect(deferredBy).toEqual(['$a', '$b', '$c', '$d', '$a']);
  });

  it('reads fragments that double within each other once', () => {
    const doubling = Array.from(
      { length: 40 },
      (_none, n) => `fragment F${n} on User { ...F${n + 1} ...F${n + 1} }`,
    );
    const { text } = normalizeOperation({
      schema,
      document: parse(`{ me { ...F0 } } ${doubling.join('\n')} fragment F40 on User { id }`),
    });
    expect(text).toHaveLength(1409);
  });
});

describe('refused fields', () => {
  it('are not asked for', () => {
    expect(textOf('{ me { id name } }', ['User.name'])).toBe('{me{id}}');
    expect(textOf('{ me { name } post(id: 1) { title } }', ['Query.me'])).toBe('{post__1:post(id:1){title}}');
    expect(textOf('{ me { name } }', ['Query.me'])).toBe('');
  });

  it('are asked of the other implementations of an interface, also within fragments', () => {
    const expected = '{__typename ...on User{id}...on Post{id}}}';
    expect(textOf('{ node(id: 1) { id } }', ['Secret.id'])).toBe(`{node__1:node(id:1)${expected}`);
    expect(textOf('{ search { ...F } } fragment F on Node { id }', ['Secret.id'])).toBe(
      '{search{...F1}}fragment F1 on Node{...on User{id}...on Post{id}}',
    );
  });

  it('are all those of a refused type, and those that return it', () => {
    const query = '{ secret { id } node(id: 1) { id ... on Secret { code } } }';
    expect(textOf(query, ['Secret.__typename'])).toBe(
      '{node__1:node(id:1){__typename ...on User{id}...on Post{id}}}',
    );
  });
});
