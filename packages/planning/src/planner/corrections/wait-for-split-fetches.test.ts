import type { FetchNode, QueryPlan } from '@apollo/query-planner';
import { OperationTypeNode } from 'graphql';
import { describe, expect, it } from 'vitest';

import { waitForSplitFetches } from './wait-for-split-fetches.ts';

const fetch = (id: string): FetchNode => ({
  kind: 'Fetch',
  id,
  serviceName: 'posts',
  operation: '{a}',
  operationName: undefined,
  operationKind: OperationTypeNode.QUERY,
});

const planOf = (ids: string[], depends: string[]): QueryPlan => ({
  kind: 'QueryPlan',
  node: {
    kind: 'Defer',
    primary: { node: { kind: 'Parallel', nodes: ids.map(fetch) } },
    deferred: [{ depends: depends.map((id) => ({ id })), queryPath: [] }],
  },
});

describe('waitForSplitFetches', () => {
  it('lets a deferred part wait for all parts of a fetch', () => {
    expect(waitForSplitFetches(planOf(['0', '1', '1.1'], ['1']))).toEqual(
      planOf(['0', '1', '1.1'], ['1', '1.1']),
    );
  });

  it('leaves a plan alone in which nothing was split', () => {
    const plan = planOf(['0', '10'], ['1']);
    expect(waitForSplitFetches(plan)).toBe(plan);
  });
});
