import type { ErrorCode, ErrorTracker } from '@tributary/errors';
import { currentRequest } from '@tributary/telemetry';

import { formatError, type FormattedError } from '../errors/format-error.ts';
import { messageForLog, type ErrorLog } from '../errors/log-errors.ts';

export interface ErrorReportOptions {
  readonly isDevelopment: boolean;
  readonly logErrors: ErrorLog;
  readonly errorTracker: ErrorTracker;
}

// One failed fetch may null a field of every row; nobody reads the hundred-and-first error.
const maxErrors = 100;

/** The errors of one answer on their way out: formatted for the client, logged and tracked for us. */
export class ErrorReport {
  readonly #requestId: string;
  readonly #options: ErrorReportOptions;
  readonly #codes: ErrorCode[] = [];
  readonly #unlogged: unknown[] = [];

  constructor(requestId: string, options: ErrorReportOptions) {
    this.#requestId = requestId;
    this.#options = options;
  }

  /** One for each error that the client is shown. */
  get codes(): readonly ErrorCode[] {
    return this.#codes;
  }

  /** Whatever was reported before, the first error is shown: it is why there is no data. */
  report(errors: readonly unknown[]): readonly FormattedError[] {
    if (errors.length === 0) return [];
    const formatted = errors
      .slice(0, Math.max(1, maxErrors - this.#codes.length))
      .map((error) => formatError(error, { ...this.#options, requestId: this.#requestId }));
    this.#codes.push(...formatted.map(({ code }) => code));
    this.#track(formatted, errors);
    this.#unlogged.push(...errors);
    return formatted;
  }

  /** Logs what was reported; at the end, so that a thousand parts that failed alike are one line. */
  log(): void {
    if (this.#unlogged.length > 0) this.#options.logErrors(this.#unlogged.splice(0));
  }

  #track(formattedErrors: readonly FormattedError[], errors: readonly unknown[]): void {
    const requestId = currentRequest()?.requestId;
    for (const [index, { code, formatted }] of formattedErrors.entries()) {
      // It is kept as a log line is: without what the client sent.
      this.#options.errorTracker.track({
        code,
        message: messageForLog(errors[index]),
        path: formatted.path,
        requestId,
      });
    }
  }
}
