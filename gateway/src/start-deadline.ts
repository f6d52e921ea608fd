import { toError } from '@tributary/errors';

import { Cancellation, type CancelSignal } from './cancellation.ts';
import { RequestTimeout } from './errors/gateway-errors.ts';

/** The time that a request has. */
export interface Deadline {
  /** Aborted with the reason: the time is up, or whoever waited does so no longer. */
  readonly signal: CancelSignal;
  stop(): void;
}

/** @param outer ends it as well */
export function startDeadline(ms: number, outer?: CancelSignal): Deadline {
  const signal = new Cancellation();
  const timer = setTimeout(() => signal.abort(new RequestTimeout(ms)), ms);
  const onAbort = () => signal.abort(toError(outer?.reason));
  if (outer?.aborted) onAbort();
  outer?.addEventListener('abort', onAbort);
  return {
    signal,
    stop: () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onAbort);
    },
  };
}
