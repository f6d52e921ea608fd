import type { Graph } from './graphs/graph.ts';

/** An operation that clients send, and the graph that it is sent to. */
export interface Load {
  readonly name: string;
  readonly graph: Graph;
  /** Clients that ask at the same time. */
  readonly connections: number;
  /** The operation; each number gives another text, and 0 the plain one. */
  text(variant: number): string;
}
