import { Breaker, type BreakerOptions, type BrokenRequest } from './breaker.ts';
import type { Outcome } from './outage.ts';
import type { SubgraphAddress } from './subgraph-request.ts';

/** A request to a subgraph. */
export interface SubgraphAttempt extends BrokenRequest {
  readonly subgraph: SubgraphAddress;
}

/** Told when a subgraph is held off, and when it no longer is. */
export type OnBreaker = (subgraph: string, isOpen: boolean) => void;

interface Trouble {
  readonly subgraph: SubgraphAddress;
  readonly breaker: Breaker;
}

/** The subgraphs that have failed of late, each with its breaker; those that are well are not in here. */
export class Breakers {
  readonly #options: BreakerOptions;
  readonly #onBreaker: OnBreaker | undefined;
  readonly #troubles = new Map<string, Trouble>();

  constructor(options: BreakerOptions, onBreaker: OnBreaker | undefined) {
    this.#options = options;
    this.#onBreaker = onBreaker;
  }

  /** Whether anything is held against any subgraph: as long as there is not, nobody need ask or tell more. */
  get hasAny(): boolean {
    return this.#troubles.size > 0;
  }

  /** Whether a request may be sent; each that may must be recorded when it has ended. */
  admits(attempt: SubgraphAttempt): boolean {
    return this.#of(attempt.subgraph)?.admits(attempt, performance.now()) ?? true;
  }

  isOpen(subgraph: SubgraphAddress): boolean {
    return this.#of(subgraph)?.isOpen ?? false;
  }

  /** How long nobody asks the subgraph. */
  waitMs(subgraph: SubgraphAddress): number {
    return this.#of(subgraph)?.waitMs(performance.now()) ?? 0;
  }

  /** Takes note of what a request came to. */
  record(attempt: SubgraphAttempt, outcome: Outcome): void {
    if (this.#options.failures === 0) return;
    const { subgraph } = attempt;
    if (outcome === 'failed' || outcome === 'timed out') {
      const hasOpened = this.#make(subgraph).fail(attempt, performance.now(), outcome === 'timed out');
      if (hasOpened) this.#onBreaker?.(subgraph.name, true);
      return;
    }
    const breaker = this.#of(subgraph);
    if (outcome === 'undecided') breaker?.release(attempt);
    else if (breaker?.isSettledBy(attempt)) this.#forget(subgraph);
  }

  /** Forgets subgraphs that are no longer in use. */
  keepOnly(subgraphs: readonly SubgraphAddress[]): void {
    const kept = new Set(subgraphs.map(keyOf));
    for (const [key, { subgraph }] of this.#troubles) if (!kept.has(key)) this.#forget(subgraph);
  }

  #of(subgraph: SubgraphAddress): Breaker | undefined {
    return this.#troubles.get(keyOf(subgraph))?.breaker;
  }

  #make(subgraph: SubgraphAddress): Breaker {
    const known = this.#of(subgraph);
    if (known) return known;
    const breaker = new Breaker(this.#options);
    this.#troubles.set(keyOf(subgraph), { subgraph, breaker });
    return breaker;
  }

  #forget(subgraph: SubgraphAddress): void {
    const wasOpen = this.isOpen(subgraph);
    this.#troubles.delete(keyOf(subgraph));
    if (wasOpen) this.#onBreaker?.(subgraph.name, false);
  }
}

/** A subgraph that moves is another one: what failed is the address. */
const keyOf = ({ name, url }: SubgraphAddress): string => `${name} ${url}`;
