import { graphql } from 'graphql';
import { describe, expect, it } from 'vitest';

import type { InputLimits } from './constrain-inputs.ts';
import { createSubgraphSchema } from './create-subgraph-schema.ts';

const typeDefs = `
  scalar DateTime
  enum Color { RED }
  input Filter {
    ids: [ID!]
    word: String
    grid: [[String]]
    and: [Filter!]
    not: Filter
    since: DateTime
    color: Color
  }
  type Query {
    one(id: ID!): String
    find(text: String = "all"): String
    filtered(filter: Filter): String
    count(n: Int, color: Color): String
    nested: Nested
  }
  type Nested { child(id: ID!): String }`;

/** Asks a schema whose fields all answer with the name of the resolver that was called. */
async function ask(source: string, { limits, variables }: { limits?: InputLimits; variables?: object } = {}) {
  const fields = ['one', 'find', 'filtered', 'count'];
  const schema = createSubgraphSchema({
    typeDefs,
    resolvers: {
      Query: {
        ...Object.fromEntries(fields.map((name) => [name, () => name])),
        nested: () => ({ child: () => 'child' }),
      },
    },
    ...(limits && { inputLimits: limits }),
  });
  const { data, errors } = await graphql({ schema, source, variableValues: { ...variables } });
  const [error] = errors ?? [];
  return error ? { code: error.extensions['code'], message: error.message } : { ...data };
}

const refused = (message: string) => ({ code: 'BAD_USER_INPUT', message: `Argument ${message}` });

it('lets a right input through to its resolver', async () => {
  expect(await ask('{ one(id: "1") }')).toEqual({ one: 'one' });
  expect(await ask('{ filtered(filter: { ids: ["1"], word: "", and: [{ not: { word: "x" } }] }) }')).toEqual({
    filtered: 'filtered',
  });
});

it.each([
  ['{ find(text: null) }', 'find'],
  ['{ find }', 'find'],
  ['{ filtered }', 'filtered'],
  ['{ filtered(filter: null) }', 'filtered'],
  ['{ filtered(filter: { ids: null, and: null, not: null, grid: [null, [null]] }) }', 'filtered'],
  ['{ count(n: 1, color: RED) }', 'count'],
])('has nothing against what is absent: %s', async (source, field) => {
  expect(await ask(source)).toEqual({ [field]: field });
});

it.each([
  ['an empty id', '{ one(id: "") }', '"id" must not be empty, but got ""'],
  [
    'an id that is too long',
    `{ one(id: "${'x'.repeat(201)}") }`,
    '"id" must have at most 200 characters, but got 201',
  ],
  [
    'a text that is too long',
    `{ find(text: "${'x'.repeat(100_001)}") }`,
    '"text" must have at most 100000 characters, but got 100001',
  ],
  [
    'a text that PostgreSQL cannot hold',
    '{ find(text: "a\\u0000b") }',
    '"text" must not contain the character U+0000, but got one that does',
  ],
  [
    'an item of a list in an input',
    '{ filtered(filter: { ids: ["1", ""] }) }',
    '"filter.ids.1" must not be empty, but got ""',
  ],
  [
    'an item of a list of lists',
    '{ filtered(filter: { grid: [["a"], ["b", "\\u0000"]] }) }',
    '"filter.grid.1.1" must not contain the character U+0000, but got one that does',
  ],
  [
    'a value in an input that contains itself',
    '{ filtered(filter: { and: [{}, { not: { and: [{ ids: [""] }] } }] }) }',
    '"filter.and.1.not.and.0.ids.0" must not be empty, but got ""',
  ],
  [
    'a year that PostgreSQL does not know',
    '{ filtered(filter: { since: "0000-01-01T00:00:00Z" }) }',
    '"filter.since" must be in the years 1 to 9999, but got one in the year 0',
  ],
  [
    'an argument of a field deep inside',
    '{ nested { child(id: "") } }',
    '"id" must not be empty, but got ""',
  ],
])('refuses %s before the resolver is called', async (_what, source, message) => {
  expect(await ask(source)).toEqual(refused(message));
});

it('checks variables as it checks literals', async () => {
  const source = 'query ($filter: Filter) { filtered(filter: $filter) }';
  expect(await ask(source, { variables: { filter: { ids: ['1', ''] } } })).toEqual(
    refused('"filter.ids.1" must not be empty, but got ""'),
  );
});

describe('limits', () => {
  const limits = { maxIdLength: 3, maxStringLength: 5 };

  it('may be set', async () => {
    expect(await ask('{ one(id: "1234") }', { limits })).toEqual(
      refused('"id" must have at most 3 characters, but got 4'),
    );
    expect(await ask('{ find(text: "123456") }', { limits })).toEqual(
      refused('"text" must have at most 5 characters, but got 6'),
    );
    expect(await ask('{ one(id: "123") find(text: "12345") }', { limits })).toEqual({
      one: 'one',
      find: 'find',
    });
  });

  it('of Int are those of GraphQL: 32 bits', async () => {
    expect(await ask('{ count(n: 2147483648) }')).toMatchObject({
      message: expect.stringContaining('non 32-bit signed integer value: 2147483648') as string,
    });
  });
});
