import { coverageOf } from '@tributary/testkit';

import type { Case } from './search.ts';

/** Counts what the cases went through, so that a generator that became tame shows. */
export class Coverage {
  cases = 0;
  readonly #counts = new Map<string, number>();
  #fetches = 0;

  add({ supergraph, question, judgement }: Case): void {
    const { world, schema } = supergraph;
    const { operation, failures } = question;
    const { hopsThroughAbstract, requiresChain, isMutation } = coverageOf(
      world.model,
      schema,
      operation.document,
    );
    const asked = new Set(judgement.fetches.map(({ subgraph }) => subgraph));
    const entityFetches = judgement.fetches.filter(({ request }) => request.query.includes('_entities'));
    this.cases += 1;
    this.#fetches += judgement.fetches.length;
    this.#count('three or more subgraphs in the supergraph', supergraph.subgraphs.size >= 3);
    this.#count('three or more subgraphs asked', asked.size >= 3);
    this.#count('entities fetched', entityFetches.length > 0);
    this.#count('hops through abstract types', hopsThroughAbstract && entityFetches.length > 0);
    this.#count('@requires chains of two or more', requiresChain >= 2 && entityFetches.length > 1);
    this.#count('@requires', requiresChain >= 1 && entityFetches.length > 0);
    this.#count('a failure that the operation meets', judgement.failed > 0 || isLost(judgement.fetches));
    this.#count('a subgraph that is down', failures.kind === 'down');
    this.#count('mutations', isMutation);
    this.#count('conditions', /@skip|@include/.test(operation.query));
  }

  share(name: CoverageName): number {
    return (this.#counts.get(name) ?? 0) / Math.max(1, this.cases);
  }

  describe(): string {
    const lines = [...this.#counts].map(
      ([name, count]) => `  ${((100 * count) / this.cases).toFixed(1)} % ${name}`,
    );
    return [`  ${(this.#fetches / this.cases).toFixed(2)} fetches per case`, ...lines].join('\n');
  }

  #count(name: CoverageName, isSo: boolean): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + Number(isSo));
  }
}

export type CoverageName =
  | 'three or more subgraphs in the supergraph'
  | 'three or more subgraphs asked'
  | 'entities fetched'
  | 'hops through abstract types'
  | '@requires chains of two or more'
  | '@requires'
  | 'a failure that the operation meets'
  | 'a subgraph that is down'
  | 'mutations'
  | 'conditions';

const isLost = (fetches: Case['judgement']['fetches']): boolean =>
  fetches.some(({ answer }) => answer === undefined);
