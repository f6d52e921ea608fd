import { GraphQLError } from 'graphql';

import { errorKind, type ErrorCode } from './error-table.ts';

/** What an error may carry besides its message; `cause` is logged and never leaves the process. */
export interface ErrorDetails {
  readonly cause?: unknown;
  /** Merged into `extensions`: metadata that a client may act on, such as `retryAfter` or `failedKeys`. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** An error that the table knows: its message is meant for the client. */
export class CodedError extends GraphQLError {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, { cause, extensions }: ErrorDetails = {}) {
    super(message, {
      // graphql-js keeps the cause as originalError, which logs print and answers never contain.
      originalError: cause instanceof Error ? cause : undefined,
      extensions: { ...extensions, code, ...(errorKind(code).retryable && { retryable: true }) },
    });
    this.code = code;
    this.name = 'CodedError';
  }
}

/**
 * Defines an expected error: a code of the table and the sentence that it says.
 *
 * @example
 * export const SubgraphTimeout = defineError('SUBGRAPH_TIMEOUT',
 *   (subgraph: string, ms: number) => `Subgraph "${subgraph}" did not answer within ${ms} ms`);
 * throw new SubgraphTimeout('posts', 800);
 * throw new SubgraphTimeout('posts', 800).with({ cause });
 */
export function defineError<Args extends unknown[]>(code: ErrorCode, describe: (...args: Args) => string) {
  return class Defined extends CodedError {
    constructor(...args: Args) {
      super(code, describe(...args));
    }

    /** The same error with a cause for the log or metadata for the client. */
    with(details: ErrorDetails): Defined {
      // Of the same class, which whoever catches it asks for.
      return Reflect.construct(CodedError, [code, this.message, details], Defined) as Defined;
    }
  };
}
