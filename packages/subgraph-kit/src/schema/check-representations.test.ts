import { graphql } from 'graphql';
import { expect, it } from 'vitest';

import { createSubgraphSchema } from './create-subgraph-schema.ts';

const resolved: string[] = [];
const schema = createSubgraphSchema({
  typeDefs: `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
    type Note @key(fields: "id") { id: ID! }
    type Query { note: Note }`,
  resolvers: {
    Query: { note: () => null },
    Note: {
      __resolveReference: ({ id }: { id: string }) => {
        resolved.push(id);
        return Promise.reject(new Error('gone'));
      },
    },
  },
});

const source =
  'query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }';
const ask = (representations: readonly unknown[]) =>
  graphql({ schema, source, variableValues: { representations } });

const note = { __typename: 'Note', id: '1' };

it.each([
  ['of an unknown type', { __typename: 'Nothing' }],
  ['of a type without fields', { __typename: 'ID' }],
  ['without a type', { id: '1' }],
  ['that is no object', 'Note'],
])('resolves none of several representations when there is one %s', async (_which, wrong) => {
  resolved.length = 0;
  const { data, errors } = await ask([note, wrong, note]);
  expect(data).toBeNull();
  expect(errors).toHaveLength(1);
  expect(errors?.[0]?.path).toEqual(['_entities']);
  // A rejection that nobody takes would fail this run.
  expect(resolved).toEqual([]);
});

it('resolves all of them otherwise', async () => {
  resolved.length = 0;
  const { data, errors } = await ask([note, note]);
  expect(data).toEqual({ _entities: [null, null] });
  expect(errors).toHaveLength(2);
  expect(resolved).toEqual(['1', '1']);
});
