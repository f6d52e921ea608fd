import type { PeerName } from './peers.ts';

/** What is varied beside the load and the peer. */
export interface Variant {
  /** Whether equal requests to a subgraph that are under way at the same time are sent once. */
  readonly sharing: boolean;
  /** How many different texts the clients send. */
  readonly texts: 1 | 1000;
  /** Whether each request comes with a token of its own. */
  readonly identity: 'none' | 'unique';
}

/** What was measured: medians over the rounds. */
export interface Figures {
  readonly cpuSecondsPer1k: number;
  readonly rps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssMb: number;
}

/** One line of the result. */
export interface Row extends Variant, Figures {
  readonly peer: PeerName;
  /** Its name. */
  readonly load: string;
}

export const plain: Variant = { sharing: false, texts: 1, identity: 'none' };

export const isVaried = ({ sharing, texts, identity }: Variant): boolean =>
  sharing || texts > 1 || identity !== 'none';

export const figureNames = ['cpuSecondsPer1k', 'rps', 'p50Ms', 'p99Ms', 'rssMb'] as const;

/** @example describeVariant(plain) // 'without in-flight sharing, one query text, no identity' */
export function describeVariant({ sharing, texts, identity }: Variant): string {
  const parts = [
    sharing ? 'with in-flight sharing' : 'without in-flight sharing',
    texts === 1 ? 'one query text' : `${texts} query texts`,
    identity === 'none' ? 'no identity' : 'a unique identity per request',
  ];
  return parts.join(', ');
}
