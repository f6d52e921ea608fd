import type { EventLog } from '../event-log.ts';

/**
 * What a leader has just done, for tests that end it there: it reads on, it has given places to events, it has sent
 * them again, the log has said that it has them, it has noted that.
 */
export type RelayStep = 'reading' | 'placed' | 'resending' | 'acknowledged' | 'marked';

export interface RelayOptions {
  /** The subgraph's own database. */
  readonly database: {
    readonly url: string;
    /** The name that the database shows for the relay's sessions. @default 'relay' */
    readonly applicationName?: string;
  };
  readonly log: Pick<EventLog, 'appendAll' | 'ends'>;
  /** The subgraph's name. */
  readonly source: string;
  /** Is told of what goes wrong; it is tried again. */
  readonly logger: RelayLogger;
  /** Sent events are kept so long, should the log lose them: as long as the log keeps them itself. @default a day */
  readonly keepMs?: number;
  /** So many events are sent at once. @default 500 */
  readonly batchSize?: number;
  /** How often those who are not the leader try to be. @default 250 */
  readonly electionMs?: number;
  /** How often the leader asks the log whether it still has everything, and looks for events without being woken. @default 1000 */
  readonly checkMs?: number;
  /** How long it waits when the log or the database failed. @default 250 */
  readonly retryMs?: number;
  /** Is told how many events the log has taken. @default nobody is told */
  readonly onSent?: (count: number) => void;
  /** For tests: is called, and waited for, at each step. @default nothing */
  readonly onStep?: (step: RelayStep) => void | Promise<void>;
}

export interface RelayLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}
