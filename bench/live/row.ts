/** Where events are kept: a database beside those of the subgraphs, as with `npm start`, or a Redis. */
export const logNames = ['postgres', 'redis'] as const;
export type LogName = (typeof logNames)[number];

export const transportNames = ['ws', 'sse', 'multipart'] as const;
export type TransportName = (typeof transportNames)[number];

/** What was measured for one transport: from before a mutation is sent until its event has been read. */
export interface Row {
  readonly log: LogName;
  readonly transport: TransportName;
  readonly events: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Events that did not come within seconds. */
  readonly lost: number;
}
