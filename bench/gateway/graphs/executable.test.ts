import { describe, expect, it } from 'vitest';

import { composeSupergraph, expectSupergraph } from '../../../packages/planning/src/index.ts';
import type { Load } from '../load.ts';
import { loadNames, loads } from '../loads.ts';
import { executableSubgraph, executableWhole } from './executable.ts';
import type { Graph } from './graph.ts';
import { shop } from './shop.ts';

const wholeOf = (graph: Graph) => {
  const definitions = graph.subgraphs.map(({ name, sdl }) => ({
    name,
    sdl,
    url: `http://${name}.test/graphql`,
  }));
  return executableWhole(graph, expectSupergraph(composeSupergraph(definitions)).supergraphSdl);
};

const answerTo = (load: Load, variant: number) => wholeOf(load.graph)({ query: load.text(variant) });

describe('the loads', () => {
  it('have answers of the size that they are known for', () => {
    const bytes = loadNames.map((name) => JSON.stringify(answerTo(loads[name], 0)).length);
    expect(bytes).toEqual([86_200, 13_684, 62]);
  });

  it.each(loadNames)('can be asked for in other words: %s', (name) => {
    expect(answerTo(loads[name], 7)).toEqual({ data: expect.anything() });
    expect(loads[name].text(7)).not.toBe(loads[name].text(8));
  });
});

describe('a subgraph', () => {
  const subgraph = (name: string) => {
    const found = shop.subgraphs.find((each) => each.name === name);
    if (!found) throw new Error(`Expected a subgraph ${name}`);
    return executableSubgraph(found);
  };
  const query = `query ($representations: [_Any!]!) {
    _entities(representations: $representations) { ... on Product { shippingEstimate } }
  }`;

  it('answers for entities in the order in which it was asked', () => {
    const representations = ['2', '1'].map((upc) => ({ __typename: 'Product', upc }));
    const { data } = subgraph('products')({
      query: query.replace('shippingEstimate', 'upc'),
      variables: { representations },
    });
    expect(data).toEqual({ _entities: [{ upc: '2' }, { upc: '1' }] });
  });

  it('knows of what a field requires only what came with the representation', () => {
    const representations = [{ __typename: 'Product', upc: '1', price: 10, weight: 500 }];
    expect(subgraph('inventory')({ query, variables: { representations } }).data).toEqual({
      _entities: [{ shippingEstimate: 250 }],
    });
  });
});
