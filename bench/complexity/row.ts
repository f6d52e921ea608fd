import type { ComplexityCell } from './operations.ts';

/** What one gateway needed for an operation: medians over the rounds. */
export interface GatewayFigures {
  readonly cpuSecondsPer1k: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One cell of the result. */
export interface ComplexityRow extends ComplexityCell {
  /** How long the lists are, from the outside in: shorter where they would be too many. */
  readonly lengths: readonly number[];
  readonly answerBytes: number;
  /** Requests to subgraphs for one operation. */
  readonly fetches: number;
  readonly tributary: GatewayFigures;
  readonly stock: GatewayFigures;
  /** Our CPU seconds, of stock's. */
  readonly ratio: number;
}
