import { classifyError, errorKind, ErrorTracker, rootCause } from '@tributary/errors';
import type { Logger, Metrics } from '@tributary/telemetry';
import { currentRequest } from '@tributary/telemetry';
import { GraphQLError } from 'graphql';

import { withoutRow } from '../database/database-errors.ts';

/** Takes each error once, where it arose: log line, count, history. */
export interface ErrorReporter {
  report(error: unknown): void;
  readonly tracker: ErrorTracker;
}

/** Makes a reporter; how loud an error is follows from its code. */
export function createErrorReporter(service: string, logger: Logger, metrics: Metrics): ErrorReporter {
  const tracker = new ErrorTracker();
  const counter = metrics.counter({
    name: 'tributary_errors_total',
    help: 'Errors by code, counted where they arose',
    labels: ['subgraph', 'code'],
  });
  const report = (error: unknown) => {
    const { code } = classifyError(error);
    const path = error instanceof GraphQLError ? error.path : undefined;
    const cause = withoutRow(rootCause(error));
    counter.inc({ subgraph: service, code });
    tracker.track({ code, message: cause.message, path, requestId: currentRequest()?.requestId });
    // Only what is not the caller's doing needs a stack.
    const { logLevel, class: kind } = errorKind(code);
    const details = kind === 'system' || kind === 'bug' ? { err: cause } : { reason: cause.message };
    logger[logLevel]({ event: 'graphql_error', code, path, ...details }, 'operation failed');
  };
  return { report, tracker };
}
