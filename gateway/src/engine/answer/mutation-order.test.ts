import { buildSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';

import { normalizeOperation } from './normalize-operation.ts';

const schema = buildSchema(`
  type Query { a: Int }
  type Mutation { a: Int b: Int c: Int add: Post }
  type Post { id: ID! title: String author: Post }
`);

const textOf = (query: string): string => normalizeOperation({ schema, document: parse(query) }).text;

const variables = '($x: Boolean! $y: Boolean!)';

describe('the fields of a mutation', () => {
  it('stand one after the other, so that equal fragments do not bring them together', () => {
    expect(textOf('mutation { ... on Mutation { a } b ... on Mutation { c } }')).toBe('mutation{a b c}');
    expect(textOf('mutation { ...F b ...F } fragment F on Mutation { a ... { c } }')).toBe('mutation{a c b}');
  });

  it('keep the conditions of the fragments around them', () => {
    expect(
      textOf(
        `mutation ${variables} { ... @include(if: $x) { a @skip(if: $y) b } c ... @include(if: $x) { d: c } }`,
      ),
    ).toBe(
      'mutation($x:Boolean!$y:Boolean!){a@include(if:$x)@skip(if:$y)b@include(if:$x)c c__1:c@include(if:$x)}',
    );
  });

  it('have two conditions of one kind one around the other', () => {
    expect(textOf(`mutation ${variables} { ... @include(if: $x) { a @include(if: $y) } }`)).toBe(
      'mutation($x:Boolean!$y:Boolean!){...@include(if:$y){a@include(if:$x)}}',
    );
    expect(textOf('mutation ($x: Boolean!) { ... @include(if: $x) { a @include(if: $x) } }')).toBe(
      'mutation($x:Boolean!){a@include(if:$x)}',
    );
  });

  it('stand there once when they are run in any case', () => {
    expect(textOf('mutation ($x: Boolean!) { a b a @include(if: $x) }')).toBe('mutation{a b}');
    expect(
      textOf(`mutation ${variables} { add { author { id } } b ... @include(if: $y) {
        add @include(if: $x) { title } } add @include(if: $x) { id } }`),
    ).toBe(
      'mutation($x:Boolean!$y:Boolean!){add{author{id}...@include(if:$x){...@include(if:$y){title}}...@include(if:$x){id}}b}',
    );
  });

  it('stand at each place for the case that none before it counts', () => {
    expect(textOf('mutation ($x: Boolean!) { a @include(if: $x) b a }')).toBe(
      'mutation($x:Boolean!){a@include(if:$x)b a@skip(if:$x)}',
    );
    expect(textOf(`mutation ${variables} { add @include(if: $x) { id } add @skip(if: $y) { title } }`)).toBe(
      'mutation($x:Boolean!$y:Boolean!){add@include(if:$x){id ...@skip(if:$y){title}}...@skip(if:$x){add@skip(if:$y){title}}}',
    );
    expect(textOf(`mutation ${variables} { ... @include(if: $x) { a @skip(if: $y) } b a }`)).toBe(
      'mutation($x:Boolean!$y:Boolean!){a@include(if:$x)@skip(if:$y)b a@skip(if:$x)...@include(if:$y){a@include(if:$x)}}',
    );
  });

  it('leave out a place that never counts', () => {
    expect(
      textOf(`mutation ($x: Boolean!) { a ... @include(if: $x) { b @skip(if: $x) } b @include(if: $x) }`),
    ).toBe('mutation($x:Boolean!){a b@include(if:$x)}');
  });

  it('are refused when there are too many cases to tell apart', () => {
    const names = Array.from({ length: 16 }, (_, index) => `v${index}`);
    const pairs = names
      .slice(1)
      .map((name, index) => `... @include(if: $${names[index]}) { a @skip(if: $${name}) }`);
    const query = `mutation (${names.map((name) => `$${name}: Boolean!`).join(' ')}) { ${pairs.join(' ')} }`;
    expect(() => textOf(query)).toThrow('at most 100 combinations of conditions on fields of a mutation');
  });
});
