import type { GraphQLFormattedError } from 'graphql';
import { describe, expect, it } from 'vitest';

import { SubgraphTimeout } from '../errors/gateway-errors.ts';
import type { SubgraphAnswer, SubgraphClient } from '../subgraph-client/subgraph-client.ts';
import { createDataSource } from './create-data-source.ts';

const entities =
  'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on User { name bio } } }';
const representations = [
  { __typename: 'User', id: '1' },
  { __typename: 'User', id: '2' },
];

/** What stock is told when the subgraph answers so. */
const process = async (answer: SubgraphAnswer | Error, query = entities) => {
  const client = {
    fetch: async () => {
      if (answer instanceof Error) throw answer;
      return answer;
    },
  } as unknown as SubgraphClient;
  const source = createDataSource({ name: 'users', url: 'http://users.test/graphql' }, client);
  const { data, errors = [] } = await source.process({
    request: { query, variables: query === entities ? { representations } : {} },
    context: {},
  } as unknown as Parameters<typeof source.process>[0]);
  return { data, places: (errors as GraphQLFormattedError[]).map(({ path }) => path?.join('.')) };
};

const all = ['_entities.0.name', '_entities.0.bio', '_entities.1.name', '_entities.1.bio'];
const error = (path?: readonly (string | number)[]) => ({ message: 'x', ...(path && { path }) });

describe('what stock is told about failures', () => {
  it('is an error for each field of a fetch that failed', async () => {
    expect(await process(new SubgraphTimeout('users', 5))).toEqual({ data: null, places: all });
    expect(await process(new SubgraphTimeout('users', 5), '{ me { id } a: users { id } }')).toEqual({
      data: null,
      places: ['me', 'a'],
    });
  });

  it('is never nothing', async () => {
    const query = '{ __typename }';
    expect(await process(new SubgraphTimeout('users', 5), query)).toEqual({ data: null, places: [''] });
  });

  it('is an error for each field when the subgraph failed as a whole', async () => {
    for (const whole of [error(), error(['_entities'])]) {
      expect(await process({ data: null, errors: [whole] })).toEqual({ data: null, places: all });
    }
    const nullList = { data: { _entities: null }, errors: [error(['_entities'])] };
    expect(await process(nullList)).toEqual({ data: null, places: all });
  });

  it('is an error for each field of one entity that failed', async () => {
    const data = { _entities: [{ name: 'Ada' }, null] };
    expect(await process({ data, errors: [error(['_entities', 1])] })).toEqual({
      data,
      places: ['_entities.1.name', '_entities.1.bio'],
    });
  });

  it('is the error itself where the subgraph says the place', async () => {
    const data = { _entities: [{ name: null }, { name: 'Grace' }] };
    expect((await process({ data, errors: [error(['_entities', 0, 'name'])] })).places).toEqual([
      '_entities.0.name',
    ]);
    expect((await process({ data, errors: [error()] })).places).toEqual([undefined]);
  });

  it('is that the fetch failed when there are not as many entities as were asked for', async () => {
    for (const sent of [[], [{ name: 'Ada' }], [1, 2], [[], []], 'no list']) {
      expect(await process({ data: { _entities: sent } })).toEqual({ data: null, places: all });
    }
  });

  it('is not what is a mistake of ours', async () => {
    await expect(process(new TypeError('bug'))).rejects.toThrow('bug');
  });
});
