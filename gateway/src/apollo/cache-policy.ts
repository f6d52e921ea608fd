import type { GatewayCacheHint, GatewayCachePolicy } from '@apollo/server-gateway-interface';

import type { SubgraphFetcher } from '../engine/engine.ts';
import type { FetchContext } from '../subgraph-client/subgraph-client.ts';

/** What the fetches of a request have in common, with what Apollo Server makes its cache-control header of. */
export interface FetchContextWithPolicy extends FetchContext {
  readonly cachePolicy?: GatewayCachePolicy | undefined;
}

/** Lets every answer of a subgraph restrict for how long, and for whom, the whole answer holds. */
export const keepingCachePolicies = (client: SubgraphFetcher): SubgraphFetcher => ({
  fetch: (subgraph, request, context: FetchContextWithPolicy) => {
    const { cachePolicy } = context;
    const fetching = client.fetch(subgraph, request, context);
    if (!cachePolicy) return fetching;
    return fetching.then((answer) => {
      cachePolicy.restrict(cacheHintOf(answer.cacheControl));
      return answer;
    });
  },
});

/**
 * Reads a cache-control header; without one nobody knows for how long an answer holds.
 *
 * @example cacheHintOf('max-age=60, private') // { maxAge: 60, scope: 'PRIVATE' }
 * @example cacheHintOf(undefined) // { maxAge: 0 }
 */
export function cacheHintOf(header = ''): GatewayCacheHint {
  const directives = header
    .toLowerCase()
    .split(',')
    .map((directive) => directive.trim());
  const isRefused = directives.includes('no-store') || directives.includes('no-cache');
  const maxAge = directives.map((each) => /^max-age="?(\d+)"?$/.exec(each)?.[1]).find(Boolean);
  return {
    maxAge: isRefused ? 0 : Number(maxAge ?? 0),
    ...(directives.includes('private') && { scope: 'PRIVATE' }),
    ...(directives.includes('public') && { scope: 'PUBLIC' }),
  };
}
