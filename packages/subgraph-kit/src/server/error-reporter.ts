import { classifyError, errorKind, ErrorTracker, rootCause } from '@tributary/errors';
import type { Logger, Metrics } from '@tributary/telemetry';
import { currentRequest } from '@tributary/telemetry';
import { GraphQLError } from 'graphql';

import { withoutRow } from '../database/database-errors.ts';

/** Takes each error once, where it arose: log line, count, history. */
export interface ErrorReporter {
  /**
   * Takes the errors of one request. Those that have the same cause, as all keys of a batch that failed, are counted
   * each and logged once.
   */
  report(...errors: readonly unknown[]): void;
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

  const count = (error: unknown) => {
    const { code } = classifyError(error);
    const { message } = withoutRow(rootCause(error));
    counter.inc({ subgraph: service, code });
    tracker.track({ code, message, path: pathOf(error), requestId: currentRequest()?.requestId });
  };

  const log = (error: unknown, fields: number) => {
    const { code } = classifyError(error);
    const cause = withoutRow(rootCause(error));
    const { logLevel, class: kind } = errorKind(code);
    // Only what is not the caller's doing needs a stack.
    const details = kind === 'system' || kind === 'bug' ? { err: cause } : { reason: cause.message };
    logger[logLevel](
      { event: 'graphql_error', code, path: pathOf(error), ...(fields > 1 && { fields }), ...details },
      'operation failed',
    );
  };

  const report = (...errors: readonly unknown[]) => {
    for (const error of errors) count(error);
    for (const same of Map.groupBy(errors, causeOf).values()) log(same[0], same.length);
  };
  return { report, tracker };
}

const pathOf = (error: unknown) => (error instanceof GraphQLError ? error.path : undefined);

/** What was thrown in the first place, which may be no Error: then each counts for itself. */
const causeOf = (error: unknown): unknown => (error instanceof Error ? rootCause(error) : error);
