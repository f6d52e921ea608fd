export const peerNames = ['tributary', 'hive', 'hand-made', 'floor'] as const;
export type PeerName = (typeof peerNames)[number];

/** Whether what came with the event is all that is asked for, or who wrote it is asked for too, in another subgraph. */
export type Selection = 'data' | 'federated';

/** What was measured. */
export interface Figures {
  readonly eventsPerSecond: number;
  readonly delivered: number;
  /** What was published, and did not come until long after the last event. */
  readonly lost: number;
  /** Of the gateway alone: subgraphs, Redis and clients are around everybody. */
  readonly deliveriesPerCpuSecond: number;
  /** From before the event was published until the client has read it. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssMb: number;
}

/** One line of the result. */
export interface Row extends Figures {
  readonly peer: PeerName;
  readonly tier: string;
  readonly selection: Selection;
  readonly subscribers: number;
}

/** What one subscriber takes of memory that gets nothing. */
export interface IdleRow {
  readonly peer: PeerName;
  readonly subscribers: number;
  readonly kbPerSubscriber: number;
}

/** How often subgraphs were asked for entities. */
export interface FetchRow {
  readonly peer: PeerName;
  readonly tier: string;
  readonly selection: Selection;
  readonly subgraph: string;
  readonly fetchesPerEvent: number;
}

export interface Result {
  readonly rows: readonly Row[];
  readonly idle: readonly IdleRow[];
  readonly fetches: readonly FetchRow[];
}
