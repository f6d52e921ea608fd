import type { OutgoingHttpHeaders } from 'node:http';

import type { ErrorCode, ErrorTracker } from '@tributary/errors';
import { currentRequest } from '@tributary/telemetry';

import { formatError, type FormattedError } from '../errors/format-error.ts';
import { messageForLog, type ErrorLog } from '../errors/log-errors.ts';
import { httpHintOf, statusOfRefusal } from '../http/http-status.ts';
import { send } from '../http/send.ts';
import { RequestErrors } from '../operations/coerce-variables.ts';
import type { Outcome, Stage, Written } from './stages.ts';

export interface WriteOptions {
  readonly isDevelopment: boolean;
  readonly logErrors: ErrorLog;
  readonly errorTracker: ErrorTracker;
}

// One failed fetch may null a field of every row; nobody reads the hundred-and-first error.
const maxErrors = 100;

// What nginx calls it; never sent.
const clientClosedRequest = 499;

/** Makes an HTTP answer of whatever happened. */
export const write =
  (options: WriteOptions): Stage<Outcome, Written> =>
  async (outcome) => {
    const { exchange } = outcome;
    // The client left: nobody reads an answer, and what that broke is nobody's mistake.
    if (exchange.response.destroyed) return { status: clientClosedRequest, codes: [] };
    const errors = errorsOf(outcome);
    const formatted = errors
      .slice(0, maxErrors)
      .map((error) => formatError(error, { ...options, requestId: exchange.requestId }));
    const status = statusOf(outcome, formatted[0]?.code ?? 'INTERNAL_SERVER_ERROR');
    const codes = formatted.map(({ code }) => code);
    track(formatted, errors, options);
    options.logErrors(errors);
    await send(exchange.request, exchange.response, {
      status,
      headers: { ...headersFor(outcome), ...httpHintOf(outcome.error).headers },
      body: bodyOf(outcome, formatted),
    });
    return { status, codes };
  };

/** The engine's data is text already; what stands beside it is small. */
function bodyOf({ exchange, reached, error }: Outcome, formatted: readonly FormattedError[]): string {
  const parts: string[] = [];
  // Errors first: they are what a developer looks for (https://spec.graphql.org/draft/#sec-Response-Format).
  if (formatted.length > 0) parts.push(`"errors":${JSON.stringify(formatted.map((each) => each.formatted))}`);
  if (error === undefined) parts.push(`"data":${reached.answer?.data ?? 'null'}`);
  if (exchange.debug) parts.push(`"extensions":${JSON.stringify({ debug: exchange.debug })}`);
  return `{${parts.join(',')}}`;
}

function errorsOf({ reached, error }: Outcome): readonly unknown[] {
  if (error === undefined) return reached.answer?.errors ?? [];
  return error instanceof RequestErrors ? error.errors : [error];
}

function statusOf({ exchange, error }: Outcome, code: ErrorCode): number {
  // Executed is 200, however much of it failed: the errors stand beside the data.
  if (error === undefined) return 200;
  return statusOfRefusal(code, error, exchange.mediaType ?? 'application/json');
}

const headersFor = ({ exchange }: Outcome): OutgoingHttpHeaders => ({
  'content-type': `${exchange.mediaType ?? 'application/json'}; charset=utf-8`,
  // Nothing says yet for how long an answer holds, or for whom.
  'cache-control': 'no-store',
  // What a client sent may stand in it: a browser must not take it for a page.
  'x-content-type-options': 'nosniff',
});

function track(
  formattedErrors: readonly FormattedError[],
  errors: readonly unknown[],
  { errorTracker }: WriteOptions,
): void {
  const requestId = currentRequest()?.requestId;
  for (const [index, { code, formatted }] of formattedErrors.entries()) {
    // It is kept as a log line is: without what the client sent.
    errorTracker.track({ code, message: messageForLog(errors[index]), path: formatted.path, requestId });
  }
}
