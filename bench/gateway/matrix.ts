import { loadNames, type LoadName } from './loads.ts';
import { peerNames, peers, type PeerName } from './peers.ts';
import { plain, type Variant } from './row.ts';

/** Peers that are measured in turn, under the same load. */
export interface Cell {
  readonly load: LoadName;
  readonly variant: Variant;
  readonly peers: readonly PeerName[];
}

const closest: readonly PeerName[] = ['tributary', 'stock', 'hive-rust'];

/**
 * What is measured: every peer with every load, and what else makes a difference between those that matter most. Two
 * variants at once would say nothing that one of them does not.
 */
export const matrix: readonly Cell[] = [
  ...loadNames.map((load) => ({ load, variant: plain, peers: peerNames })),
  ...(['social', 'small'] as const).flatMap((load) => [
    {
      load,
      variant: { ...plain, sharing: true },
      peers: closest.filter((name) => peers[name].canShare),
    },
    { load, variant: { ...plain, texts: 1000 as const }, peers: closest },
    { load, variant: { ...plain, identity: 'unique' as const }, peers: closest },
  ]),
];
