import { RequestTimeout } from '../errors/gateway-errors.ts';

/** The time that a request has. */
export interface Deadline {
  /** Aborted with the reason: the time is up, or whoever waited does so no longer. */
  readonly signal: AbortSignal;
  stop(): void;
}

/** @param outer ends it as well */
export function startDeadline(ms: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new RequestTimeout(ms)), ms);
  const onAbort = () => controller.abort(outer?.reason);
  if (outer?.aborted) onAbort();
  outer?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    stop: () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onAbort);
    },
  };
}
