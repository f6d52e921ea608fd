import { classifyError, errorKind, ErrorTracker, rootCause, type ErrorClass } from '@tributary/errors';
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
    labels: ['subgraph', 'code', 'class'],
  });

  const count = (error: unknown) => {
    const { code } = classifyError(error);
    const { class: kind, meaning } = errorKind(code);
    const message = kind === 'user' ? meaning : withoutRow(rootCause(error)).message;
    counter.inc({ subgraph: service, code, class: kind });
    tracker.track({ code, message, path: pathOf(error), requestId: currentRequest()?.requestId });
  };

  const log = (error: unknown, fields: number) => {
    const { code } = classifyError(error);
    const { logLevel, class: kind } = errorKind(code);
    logger[logLevel](
      {
        event: 'graphql_error',
        code,
        path: pathOf(error),
        ...(fields > 1 && { fields }),
        ...detailsOf(error, kind),
      },
      'operation failed',
    );
  };

  const report = (...errors: readonly unknown[]) => {
    for (const error of errors) count(error);
    for (const same of Map.groupBy(errors, causeOf).values()) log(same[0], same.length);
  };
  return { report, tracker };
}

/**
 * A message to a user repeats what the user sent, which may be a password in the wrong place: the log gets the place
 * alone. Only what is not the caller's doing needs a stack.
 */
function detailsOf(error: unknown, kind: ErrorClass) {
  if (kind === 'user') return { locations: error instanceof GraphQLError ? error.locations : undefined };
  const cause = withoutRow(rootCause(error));
  return kind === 'permission' ? { reason: cause.message } : { err: cause };
}

const pathOf = (error: unknown) => (error instanceof GraphQLError ? error.path : undefined);

/** What was thrown in the first place, which may be no Error: then each counts for itself. */
const causeOf = (error: unknown): unknown => (error instanceof Error ? rootCause(error) : error);
