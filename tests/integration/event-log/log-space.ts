import type { LogStore, Retention } from '@tributary/event-log';

export interface OpenOptions {
  readonly retention?: Retention;
  readonly onError?: (error: unknown) => void;
}

/** An empty log on a real store, for one test. */
export interface LogSpace {
  /** Opens it as another process would. */
  readonly openStore: (options?: OpenOptions) => LogStore;
  /** How many connections the store has, but for its own and that of who counts. */
  readonly countConnections: () => Promise<number>;
}

/** A store to run the contract of event logs on. */
export interface LogServer {
  readonly makeSpace: () => Promise<LogSpace>;
  /** Cuts all connections, and says how many. Absent where there are none. */
  readonly cutConnections?: () => Promise<number>;
  /** Kills the store, does what is to be done without it, and starts it again with its data. */
  readonly restart?: (meanwhile: () => Promise<void>) => Promise<void>;
  readonly stop: () => Promise<void>;
}
