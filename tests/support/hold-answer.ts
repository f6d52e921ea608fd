import type { MemorySubgraph } from '@tributary/testkit';

/**
 * Keeps the requests of a subgraph waiting. Resolves when one has come, with what answers it.
 *
 * @param data of the answer
 * @example
 * const arrived = holdAnswer(supergraph.subgraph('users'), { me: { name: 'late' } });
 * const answer = gateway.query('{ me { name } }');
 * const finish = await arrived;
 */
export function holdAnswer(
  subgraph: Pick<MemorySubgraph, 'misbehave'>,
  data: Readonly<Record<string, unknown>>,
): Promise<() => void> {
  const arrived = Promise.withResolvers<() => void>();
  subgraph.misbehave((response) =>
    arrived.resolve(() =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ data })),
    ),
  );
  return arrived.promise;
}
