import type { EventLog } from '@tributary/event-log';

import type { FormattedError } from '../errors/format-error.ts';
import { ErrorReport } from '../pipeline/error-report.ts';
import {
  startSubscriptions,
  type RunningSubscriptions,
  type StartSubscriptionsOptions,
} from './start-subscriptions.ts';
import { createTransports, type Transports, type TransportsOptions } from './transports/create-transports.ts';
import { Upstreams } from './upstreams.ts';

export interface LiveOptions
  extends
    Omit<StartSubscriptionsOptions, 'upstream' | 'log'>,
    Omit<TransportsOptions, 'run' | 'report' | 'isRevoked'> {
  readonly eventLog: EventLog;
}

/** Subscriptions, with the ways in which clients come to them. */
export interface LiveOperations extends Transports {
  stats(): ReturnType<RunningSubscriptions['stats']>;
  /** What is subscribed to, for operators. */
  operations(): ReturnType<RunningSubscriptions['operations']>;
  /** Ends what the transports left open. */
  stop(): Promise<void>;
}

/** Puts together what delivers and what it is delivered by. */
export function startLiveOperations(options: LiveOptions): LiveOperations {
  const { eventLog } = options;
  const upstreams = new Upstreams(options);
  const subscriptions = startSubscriptions({ ...options, log: eventLog, upstream: upstreams.subscribe });
  const report = (requestId: string, errors: readonly unknown[]): readonly FormattedError[] => {
    const reported = new ErrorReport(requestId, options);
    const formatted = reported.report(errors);
    reported.log();
    return formatted;
  };
  const transports = createTransports({ ...options, run: subscriptions.runOperation, report });
  return {
    ...transports,
    stats: () => subscriptions.stats(),
    operations: () => subscriptions.operations(),
    stop: async () => {
      await subscriptions.stop();
      await upstreams.stop();
    },
  };
}
