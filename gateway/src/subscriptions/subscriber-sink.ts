import type { FormattedError } from '../errors/format-error.ts';

/** The result of one event, made once for all who get it. */
export interface SharedResult {
  /** UTF-8 of one whole execution result: `{"data":…,"extensions":{"event":{"cursor":"…"}}}`. */
  readonly bytes: Buffer;
  /** Where a client goes on that has got it; `undefined` where there is no log to go on in. */
  readonly cursor: string | undefined;
}

/** What a transport is to an operation. Called in order, and never again after {@link end} or {@link error}. */
export interface SubscriberSink {
  /** @returns false when it takes no more until {@link SubscriptionHandle.resumeReading} */
  next(result: SharedResult): boolean;
  /** All has been said. */
  end(): void;
  /** Nothing more will come, for these reasons; coded, and formatted for clients. */
  error(errors: readonly FormattedError[]): void;
}
