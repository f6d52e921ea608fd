import type { PeerName, Selection } from './row.ts';

/** As many subscribers on one post, each event by itself or many at once. */
export interface FanOut {
  readonly kind: 'fan-out';
  readonly name: string;
  readonly selection: Selection;
  readonly connections: number;
  /** Also measured with so many events at once, by these. */
  readonly burst?: { readonly events: number; readonly peers: readonly PeerName[] };
  readonly peers: readonly PeerName[];
  /** Whether memory is measured before anything is delivered. */
  readonly isIdleFirst?: boolean;
}

/** Events at a steady pace, spread evenly over posts. */
export interface Steady {
  readonly kind: 'steady';
  readonly name: string;
  readonly selection: Selection;
  readonly connections: number;
  readonly perConnection: number;
  readonly posts: number;
  readonly eventsPerSecond: number;
  readonly peers: readonly PeerName[];
}

export type Tier = FanOut | Steady;

/** How long and how often. */
export interface Pace {
  /** Code that has run for too short a time is slow, most of all where there is much of it. */
  readonly warmUpSeconds: number;
  readonly roundSeconds: number;
  readonly rounds: number;
  readonly steadySeconds: number;
}

const posts = 100;
const gateways: readonly PeerName[] = ['tributary', 'hive', 'hand-made'];

export const tiersFor = (connections: number): readonly Tier[] => {
  const share = connections / 10_000;
  const scaled = (count: number) => Math.max(posts, Math.round(count * share));
  return [
    {
      kind: 'fan-out',
      name: 'one-post',
      selection: 'data',
      connections,
      burst: { events: 20, peers: ['tributary', 'floor'] },
      peers: [...gateways, 'floor'],
      isIdleFirst: true,
    },
    { kind: 'fan-out', name: 'one-post', selection: 'federated', connections, peers: gateways },
    // Deliveries per second: events per second times the subscriptions that follow each post.
    {
      kind: 'steady',
      name: '10/s',
      selection: 'federated',
      connections: 100,
      perConnection: 10,
      posts,
      eventsPerSecond: 1,
      peers: gateways,
    },
    {
      kind: 'steady',
      name: '500/s',
      selection: 'federated',
      connections: scaled(1000),
      perConnection: 5,
      posts,
      eventsPerSecond: 10,
      peers: gateways,
    },
    {
      kind: 'steady',
      name: '10000/s',
      selection: 'federated',
      connections: scaled(5000),
      perConnection: 2,
      posts,
      eventsPerSecond: 100,
      peers: gateways,
    },
    {
      kind: 'steady',
      name: '100000/s',
      selection: 'data',
      connections: scaled(10_000),
      perConnection: 1,
      posts,
      eventsPerSecond: 1000,
      peers: gateways,
    },
  ];
};

export const tierNames: readonly string[] = [...new Set(tiersFor(10_000).map(({ name }) => name))];
